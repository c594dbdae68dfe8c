// SPDX-License-Identifier: Apache-2.0
// "Could my salary go to the new account from this month on?" has no phrase that all who
// write so have in common, but the same three things within a few words.
#include <algorithm>
#include <array>
#include <optional>

#include "policy/detect/bec_phrases.h"

namespace clawback {
namespace {

enum class Meaning { kChange, kAccount, kPay };
constexpr std::size_t kMeanings = 3;

struct Word {
  std::string_view word;
  Meaning meaning;
};

// In the order of their bytes, for binary search.
constexpr std::array<Word, 132> kWords = {{
    {"account", Meaning::kAccount},
    {"actualizar", Meaning::kChange},
    {"aggiornare", Meaning::kChange},
    {"aktualisieren", Meaning::kChange},
    {"alterar", Meaning::kChange},
    {"alterei", Meaning::kChange},
    {"amend", Meaning::kChange},
    {"amended", Meaning::kChange},
    {"atualizar", Meaning::kChange},
    {"banca", Meaning::kAccount},
    {"bancaire", Meaning::kAccount},
    {"bancaires", Meaning::kAccount},
    {"bancaria", Meaning::kAccount},
    {"bancarie", Meaning::kAccount},
    {"bancario", Meaning::kAccount},
    {"bancarios", Meaning::kAccount},
    {"banco", Meaning::kAccount},
    {"bancária", Meaning::kAccount},
    {"bancários", Meaning::kAccount},
    {"bank", Meaning::kAccount},
    {"bankdaten", Meaning::kAccount},
    {"bankgegevens", Meaning::kAccount},
    {"banking", Meaning::kAccount},
    {"bankkonto", Meaning::kAccount},
    {"bankowego", Meaning::kAccount},
    {"bankrekening", Meaning::kAccount},
    {"banks", Meaning::kAccount},
    {"banku", Meaning::kAccount},
    {"bankverbindung", Meaning::kAccount},
    {"banque", Meaning::kAccount},
    {"bytt", Meaning::kChange},
    {"cambiado", Meaning::kChange},
    {"cambiar", Meaning::kChange},
    {"cambiare", Meaning::kChange},
    {"cambiato", Meaning::kChange},
    {"cambié", Meaning::kChange},
    {"change", Meaning::kChange},
    {"changed", Meaning::kChange},
    {"changer", Meaning::kChange},
    {"changing", Meaning::kChange},
    {"changé", Meaning::kChange},
    {"compte", Meaning::kAccount},
    {"conta", Meaning::kAccount},
    {"conto", Meaning::kAccount},
    {"cuenta", Meaning::kAccount},
    {"deposit", Meaning::kAccount},
    {"gehalt", Meaning::kPay},
    {"gehaltskonto", Meaning::kPay},
    {"gehaltszahlung", Meaning::kPay},
    {"gewechselt", Meaning::kChange},
    {"gewijzigd", Meaning::kChange},
    {"geändert", Meaning::kChange},
    {"iban", Meaning::kAccount},
    {"konta", Meaning::kAccount},
    {"konto", Meaning::kAccount},
    {"kontodaten", Meaning::kAccount},
    {"kontonummer", Meaning::kAccount},
    {"kontoverbindung", Meaning::kAccount},
    {"lohn", Meaning::kPay},
    {"lohnabrechnung", Meaning::kPay},
    {"lohnzahlung", Meaning::kPay},
    {"loon", Meaning::kPay},
    {"loonbetaling", Meaning::kPay},
    {"lön", Meaning::kPay},
    {"lönen", Meaning::kPay},
    {"modifier", Meaning::kChange},
    {"modifié", Meaning::kChange},
    {"modify", Meaning::kChange},
    {"mudar", Meaning::kChange},
    {"mudei", Meaning::kChange},
    {"neu", Meaning::kChange},
    {"neue", Meaning::kChange},
    {"neuen", Meaning::kChange},
    {"neues", Meaning::kChange},
    {"new", Meaning::kChange},
    {"nieuw", Meaning::kChange},
    {"nieuwe", Meaning::kChange},
    {"nouveau", Meaning::kChange},
    {"nouvelle", Meaning::kChange},
    {"nouvelles", Meaning::kChange},
    {"nova", Meaning::kChange},
    {"novo", Meaning::kChange},
    {"novos", Meaning::kChange},
    {"nowe", Meaning::kChange},
    {"nowy", Meaning::kChange},
    {"nueva", Meaning::kChange},
    {"nuevo", Meaning::kChange},
    {"nuevos", Meaning::kChange},
    {"nuova", Meaning::kChange},
    {"nuove", Meaning::kChange},
    {"nuovo", Meaning::kChange},
    {"ny", Meaning::kChange},
    {"nya", Meaning::kChange},
    {"nytt", Meaning::kChange},
    {"nómina", Meaning::kPay},
    {"paie", Meaning::kPay},
    {"paycheck", Meaning::kPay},
    {"paychecks", Meaning::kPay},
    {"payroll", Meaning::kPay},
    {"pensja", Meaning::kPay},
    {"rachunek", Meaning::kAccount},
    {"rekening", Meaning::kAccount},
    {"rekeningnummer", Meaning::kAccount},
    {"replace", Meaning::kChange},
    {"rib", Meaning::kAccount},
    {"salaire", Meaning::kPay},
    {"salario", Meaning::kPay},
    {"salaris", Meaning::kPay},
    {"salary", Meaning::kPay},
    {"salário", Meaning::kPay},
    {"stipendio", Meaning::kPay},
    {"sueldo", Meaning::kPay},
    {"switch", Meaning::kChange},
    {"switched", Meaning::kChange},
    {"update", Meaning::kChange},
    {"updated", Meaning::kChange},
    {"updating", Meaning::kChange},
    {"veranderd", Meaning::kChange},
    {"veranderen", Meaning::kChange},
    {"wechseln", Meaning::kChange},
    {"wechsle", Meaning::kChange},
    {"wijzigen", Meaning::kChange},
    {"wynagrodzenia", Meaning::kPay},
    {"wynagrodzenie", Meaning::kPay},
    {"wypłata", Meaning::kPay},
    {"zmiana", Meaning::kChange},
    {"zmienić", Meaning::kChange},
    {"zmieniłam", Meaning::kChange},
    {"zmieniłem", Meaning::kChange},
    {"ändern", Meaning::kChange},
    {"ändert", Meaning::kChange},
    {"ändra", Meaning::kChange},
}};

std::optional<Meaning> MeaningOf(std::string_view word) {
  const auto* const found =
      std::lower_bound(kWords.begin(), kWords.end(), word,
                       [](const Word& known, std::string_view one) { return known.word < one; });
  if (found == kWords.end() || found->word != word) return std::nullopt;
  return found->meaning;
}

}  // namespace

std::string ChangeOfAccount(std::span<const std::string> words) {
  constexpr std::size_t kNear = 20;  // a long sentence
  std::array<std::optional<std::size_t>, kMeanings> last;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto meaning = MeaningOf(words[i]);
    if (!meaning) continue;
    last[static_cast<std::size_t>(*meaning)] = i;
    if (!std::ranges::all_of(last, [&](const auto& at) { return at && i - *at <= kNear; })) {
      continue;
    }
    std::array<std::size_t, kMeanings> at{};
    std::ranges::transform(last, at.begin(), [](const auto& place) { return *place; });
    std::ranges::sort(at);
    return words[at[0]] + " ... " + words[at[1]] + " ... " + words[at[2]];
  }
  return {};
}

}  // namespace clawback
