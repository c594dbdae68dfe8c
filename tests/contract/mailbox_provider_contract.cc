// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/mailbox_provider_contract.h"

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>
#include <vector>

namespace clawback {
namespace {

const WorldMaker kWorlds[] = {
    {"memory", MakeMemoryWorld},
    {"graph, by secret", MakePracticeWorldBySecret},
    {"graph, by certificate", MakePracticeWorldByCertificate},
};

constexpr std::string_view kId = "<20261103091405.4711@sender.example>";

template <typename T>
T Good(Result<T> result) {
  if (!result.ok()) BOOST_FAIL(result.error().what);
  return *std::move(result);
}

MailboxCopy OnlyCopy(MailboxProvider& provider, const MailboxId& mailbox, std::string_view id) {
  auto copies = Good(provider.Find(mailbox, id));
  BOOST_REQUIRE_EQUAL(copies.size(), 1U);
  return copies.front();
}

KnownFolder FolderOf(MailboxProvider& provider, const MailboxId& mailbox, const MailboxCopy& copy) {
  return Good(provider.Describe(mailbox, copy.folder_id)).known;
}

// Whether nothing can be found for address, and for good.
bool HasNoMailbox(MailboxProvider& provider, std::string_view address) {
  const auto mailbox = provider.Resolve(address);
  if (!mailbox.ok()) return MeansNoMailbox(mailbox.error());
  const auto copies = provider.Find(*mailbox, kId);
  return !copies.ok() && MeansNoMailbox(copies.error());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mailbox_provider)

BOOST_DATA_TEST_CASE(every_address_of_a_mailbox_resolves_to_it_in_any_case,
                     boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  MailboxProvider& provider = world->provider();
  const MailboxId anna = Good(provider.Resolve(kAnna));
  BOOST_TEST((Good(provider.Resolve(kAnnasAlias)) == anna));
  BOOST_TEST((Good(provider.Resolve("Anna.Alias@CONTOSO.example")) == anna));
  BOOST_TEST(!(Good(provider.Resolve(kBen)) == anna));
}

BOOST_DATA_TEST_CASE(what_has_no_mailbox_here_is_not_found_for_good,
                     boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  BOOST_TEST(HasNoMailbox(world->provider(), "nobody@contoso.example"));
  BOOST_TEST(HasNoMailbox(world->provider(), kGuest));
  BOOST_TEST(HasNoMailbox(world->provider(), kOnPremises));
}

BOOST_DATA_TEST_CASE(every_copy_is_found_in_whatever_folder, boost::unit_test::data::make(kWorlds),
                     maker) {
  const auto world = maker.make();
  const std::vector<KnownFolder> folders = {KnownFolder::kInbox,       KnownFolder::kJunk,
                                            KnownFolder::kTrash,       KnownFolder::kSent,
                                            KnownFolder::kRecoverable, KnownFolder::kInbox};
  for (const KnownFolder folder : folders) world->Deliver(kAnna, folder, kId);
  world->Deliver(kAnna, KnownFolder::kInbox, "<another@sender.example>");
  MailboxProvider& provider = world->provider();
  const MailboxId anna = Good(provider.Resolve(kAnna));
  std::vector<KnownFolder> found;
  for (const MailboxCopy& copy : Good(provider.Find(anna, kId))) {
    BOOST_TEST(copy.message_id == kId);
    found.push_back(FolderOf(provider, anna, copy));
  }
  BOOST_TEST(std::is_permutation(found.begin(), found.end(), folders.begin(), folders.end()));
}

BOOST_DATA_TEST_CASE(a_copy_that_is_not_there_is_no_copy_and_no_error,
                     boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  MailboxProvider& provider = world->provider();
  const MailboxId anna = Good(provider.Resolve(kAnna));
  BOOST_TEST(Good(provider.Find(anna, kId)).empty());
  world->Deliver(kAnna, KnownFolder::kInbox, kId);
  BOOST_TEST(Good(provider.Find(anna, kId)).size() == 1U);
}

BOOST_DATA_TEST_CASE(odd_message_ids_are_found_byte_for_byte, boost::unit_test::data::make(kWorlds),
                     maker) {
  const auto world = maker.make();
  MailboxProvider& provider = world->provider();
  const MailboxId anna = Good(provider.Resolve(kAnna));
  for (const std::string_view id :
       {"<[a1b2c3d4e5f64738]>", "no-angle-brackets@sender.example",
        "<quote\"and'apostrophe@sender.example>", "<a+b%2B&c=d#e/f?g@sender.example>",
        "<CANTOGZsMiMb+7aB868zXSen_fO=NS-qFTUMo9h2eHtOexY8Qhw@mail.gmail.example>",
        "<100%25@sender.example>", "<'' or '1' eq '1@sender.example>"}) {
    world->Deliver(kAnna, KnownFolder::kInbox, id);
    BOOST_TEST_CONTEXT(id) { BOOST_TEST(OnlyCopy(provider, anna, id).message_id == id); }
  }
}

BOOST_DATA_TEST_CASE(a_message_id_that_differs_in_case_is_another,
                     boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  world->Deliver(kAnna, KnownFolder::kInbox, "<ABC@sender.example>");
  world->Deliver(kAnna, KnownFolder::kInbox, "<abc@sender.example>");
  MailboxProvider& provider = world->provider();
  const MailboxId anna = Good(provider.Resolve(kAnna));
  BOOST_TEST(OnlyCopy(provider, anna, "<abc@sender.example>").message_id == "<abc@sender.example>");
}

BOOST_DATA_TEST_CASE(more_copies_than_a_page_holds_are_all_found,
                     boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  for (int i = 0; i < 230; ++i) world->Deliver(kBen, KnownFolder::kInbox, kId);
  MailboxProvider& provider = world->provider();
  const MailboxId ben = Good(provider.Resolve(kBen));
  BOOST_TEST(Good(provider.Find(ben, kId)).size() == 230U);
}

BOOST_DATA_TEST_CASE(a_retraction_moves_and_the_item_keeps_its_id,
                     boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  MailboxProvider& provider = world->provider();
  const MailboxId anna = Good(provider.Resolve(kAnna));
  world->Deliver(kAnna, KnownFolder::kInbox, kId);
  for (const Action action : {Action::kJunk, Action::kTrash, Action::kSoftDelete}) {
    const MailboxCopy before = OnlyCopy(provider, anna, kId);
    const Receipt receipt = Good(provider.Retract(anna, before.item_id, action, kAnyTime));
    BOOST_TEST(receipt.copy.item_id == before.item_id);
    BOOST_TEST(!receipt.request_id.empty());
    const MailboxCopy after = Good(provider.Look(anna, receipt.copy.item_id));
    BOOST_TEST(after.folder_id == receipt.copy.folder_id);
    BOOST_TEST((FolderOf(provider, anna, after) == DestinationOf(action)));
    BOOST_TEST(OnlyCopy(provider, anna, kId).item_id == before.item_id);
  }
}

BOOST_DATA_TEST_CASE(a_copy_is_found_by_halves_and_looked_for_in_one_folder,
                     boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  MailboxProvider& provider = world->provider();
  const MailboxId anna = Good(provider.Resolve(kAnna));
  world->Deliver(kAnna, KnownFolder::kInbox, kId);
  const std::string item = OnlyCopy(provider, anna, kId).item_id;
  BOOST_TEST(Good(provider.FindVisible(anna, kId)).size() == 1U);
  BOOST_TEST(Good(provider.FindRecoverable(anna, kId)).empty());
  const auto elsewhere = provider.LookIn(anna, KnownFolder::kRecoverable, item);
  BOOST_TEST((!elsewhere.ok() && elsewhere.error().kind == ErrorKind::kNotFound));
  BOOST_TEST(!MeansNoMailbox(elsewhere.error()));

  Good(provider.Retract(anna, item, Action::kSoftDelete, kAnyTime));
  BOOST_TEST(Good(provider.FindVisible(anna, kId)).empty());
  BOOST_TEST(Good(provider.FindRecoverable(anna, kId)).size() == 1U);
  const MailboxCopy there = Good(provider.LookIn(anna, KnownFolder::kRecoverable, item));
  BOOST_TEST(there.item_id == item);
  BOOST_TEST((FolderOf(provider, anna, there) == KnownFolder::kRecoverable));
  BOOST_TEST(!provider.LookIn(anna, KnownFolder::kInbox, item).ok());
}

BOOST_DATA_TEST_CASE(a_retraction_leaves_other_copies_and_mailboxes_alone,
                     boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  MailboxProvider& provider = world->provider();
  const MailboxId anna = Good(provider.Resolve(kAnna));
  const MailboxId ben = Good(provider.Resolve(kBen));
  world->Deliver(kAnna, KnownFolder::kInbox, kId);
  world->Deliver(kBen, KnownFolder::kInbox, kId);
  const MailboxCopy copy = OnlyCopy(provider, anna, kId);
  Good(provider.Retract(anna, copy.item_id, Action::kJunk, kAnyTime));
  const MailboxCopy other = OnlyCopy(provider, ben, kId);
  BOOST_TEST((FolderOf(provider, ben, other) == KnownFolder::kInbox));
  // An item id means nothing in another mailbox.
  const auto wrong = provider.Retract(ben, copy.item_id, Action::kJunk, kAnyTime);
  BOOST_TEST((!wrong.ok() && wrong.error().kind == ErrorKind::kNotFound));
}

BOOST_DATA_TEST_CASE(a_hard_delete_takes_the_item_out_of_reach,
                     boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  MailboxProvider& provider = world->provider();
  const MailboxId anna = Good(provider.Resolve(kAnna));
  for (const KnownFolder folder : {KnownFolder::kInbox, KnownFolder::kRecoverable}) {
    world->Deliver(kAnna, folder, kId);
    const MailboxCopy copy = OnlyCopy(provider, anna, kId);
    const Receipt receipt =
        Good(provider.Retract(anna, copy.item_id, Action::kHardDelete, kAnyTime));
    BOOST_TEST(receipt.copy.item_id == copy.item_id);
    BOOST_TEST(!receipt.request_id.empty());
    BOOST_TEST(Good(provider.Find(anna, kId)).empty());
    for (const Error& error :
         {provider.Look(anna, copy.item_id).error(),
          provider.Retract(anna, copy.item_id, Action::kHardDelete, kAnyTime).error()}) {
      BOOST_TEST((error.kind == ErrorKind::kNotFound));
      BOOST_TEST(!MeansNoMailbox(error));
    }
  }
}

BOOST_DATA_TEST_CASE(a_move_goes_to_the_folder_that_is_named_by_its_id,
                     boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  MailboxProvider& provider = world->provider();
  const MailboxId anna = Good(provider.Resolve(kAnna));
  world->Deliver(kAnna, KnownFolder::kInbox, kId);
  const MailboxCopy before = OnlyCopy(provider, anna, kId);
  for (const Action action : {Action::kJunk, Action::kTrash, Action::kSoftDelete}) {
    Good(provider.Retract(anna, before.item_id, action, kAnyTime));
    const Receipt back = Good(provider.Move(anna, before.item_id, before.folder_id, kAnyTime));
    BOOST_TEST(back.copy.item_id == before.item_id);
    BOOST_TEST(back.copy.folder_id == before.folder_id);
    BOOST_TEST(Good(provider.Look(anna, before.item_id)).folder_id == before.folder_id);
  }
}

BOOST_DATA_TEST_CASE(a_move_to_a_folder_that_is_not_there_leaves_the_item,
                     boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  MailboxProvider& provider = world->provider();
  const MailboxId anna = Good(provider.Resolve(kAnna));
  const MailboxId ben = Good(provider.Resolve(kBen));
  world->Deliver(kAnna, KnownFolder::kInbox, kId);
  const MailboxCopy before = OnlyCopy(provider, anna, kId);
  const Folder elsewhere = Good(provider.Locate(ben, KnownFolder::kJunk));
  const auto moved = provider.Move(anna, before.item_id, elsewhere.id, kAnyTime);
  BOOST_REQUIRE(!moved.ok());
  BOOST_TEST((moved.error().kind == ErrorKind::kNotFound));
  BOOST_TEST(!MeansNoMailbox(moved.error()));
  BOOST_TEST(OnlyCopy(provider, anna, kId).folder_id == before.folder_id);
}

BOOST_DATA_TEST_CASE(known_folders_can_be_located, boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  MailboxProvider& provider = world->provider();
  const MailboxId anna = Good(provider.Resolve(kAnna));
  for (const KnownFolder known : {KnownFolder::kInbox, KnownFolder::kJunk, KnownFolder::kTrash,
                                  KnownFolder::kRecoverable, KnownFolder::kSent}) {
    const Folder folder = Good(provider.Locate(anna, known));
    BOOST_TEST((folder.known == known));
    BOOST_TEST((Good(provider.Describe(anna, folder.id)).known == known));
  }
  const auto none = provider.Locate(anna, KnownFolder::kOther);
  BOOST_TEST((!none.ok() && none.error().kind == ErrorKind::kNotFound));
}

BOOST_DATA_TEST_CASE(what_is_no_act_is_refused, boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  MailboxProvider& provider = world->provider();
  const MailboxId anna = Good(provider.Resolve(kAnna));
  world->Deliver(kAnna, KnownFolder::kInbox, kId);
  const MailboxCopy copy = OnlyCopy(provider, anna, kId);
  const auto receipt = provider.Retract(anna, copy.item_id, Action::kNone, kAnyTime);
  BOOST_TEST((!receipt.ok() && receipt.error().kind == ErrorKind::kInvalid));
  BOOST_TEST(OnlyCopy(provider, anna, kId).folder_id == copy.folder_id);
}

BOOST_DATA_TEST_CASE(an_unknown_item_is_not_found_but_its_mailbox_is_there,
                     boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  MailboxProvider& provider = world->provider();
  const MailboxId anna = Good(provider.Resolve(kAnna));
  world->Deliver(kBen, KnownFolder::kInbox, kId);
  const MailboxId ben = Good(provider.Resolve(kBen));
  const std::string elsewhere = OnlyCopy(provider, ben, kId).item_id;
  for (const Error& error :
       {provider.Look(anna, elsewhere).error(), provider.Fetch(anna, elsewhere).error(),
        provider.Retract(anna, elsewhere, Action::kJunk, kAnyTime).error()}) {
    BOOST_TEST((error.kind == ErrorKind::kNotFound));
    BOOST_TEST(!MeansNoMailbox(error));
  }
}

BOOST_DATA_TEST_CASE(the_copys_own_bytes_can_be_had, boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  MailboxProvider& provider = world->provider();
  const MailboxId anna = Good(provider.Resolve(kAnna));
  world->Deliver(kAnna, KnownFolder::kInbox, kId);
  const std::string mime = Good(provider.Fetch(anna, OnlyCopy(provider, anna, kId).item_id));
  BOOST_TEST(mime.find(kId) != std::string::npos);
}

BOOST_DATA_TEST_CASE(many_threads_may_ask_at_once, boost::unit_test::data::make(kWorlds), maker) {
  const auto world = maker.make();
  MailboxProvider& provider = world->provider();
  world->Deliver(kAnna, KnownFolder::kInbox, kId);
  const MailboxId anna = Good(provider.Resolve(kAnna));
  std::vector<std::string> faults(12);
  std::vector<std::thread> threads;
  for (std::string& fault : faults) {
    threads.emplace_back([&] {
      const auto copies = provider.Find(anna, kId);
      if (!copies.ok()) fault = copies.error().what;
      if (copies.ok() && copies->size() != 1) fault = "not one copy";
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& fault : faults) BOOST_TEST(fault == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
