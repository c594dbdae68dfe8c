// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "policy/lists/list_shelf.h"
#include "tests/policy/temporary_folder.h"

namespace clawback {
namespace {

constexpr auto kHosts = static_cast<std::size_t>(ListKind::kBlockedHosts);
constexpr auto kHashes = static_cast<std::size_t>(ListKind::kBlockedHashes);
constexpr auto kNew = static_cast<std::size_t>(ListKind::kNewDomains);

ListFiles NewDomains(const std::string& path) {
  ListFiles files;
  files.paths[kNew] = path;
  return files;
}

// How many new domains the first tenant's judges look things up in, over all its lists.
std::size_t CountNew(const TenantDirectory& tenants) {
  std::size_t count = 0;
  for (const JudgeLists& lists : tenants.tenants().at(0).judge_lists) {
    count += lists.index.Count(ListKind::kNewDomains);
  }
  return count;
}

Tenant Named(std::string name) {
  Tenant tenant;
  tenant.name = std::move(name);
  return tenant;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lists)

BOOST_AUTO_TEST_CASE(an_index_holds_what_was_written_and_nothing_else) {
  ListEntries entries;
  for (int i = 0; i < 1000; ++i) entries[kHosts].push_back("h" + std::to_string(i) + ".example");
  entries[kHosts].push_back("h1.example");  // twice
  entries[kHashes] = {std::string(64, 'a')};
  const std::string bytes = WriteListIndex(entries);
  const auto index = ListIndex::Open(bytes);
  BOOST_REQUIRE(index.ok());
  BOOST_TEST(index->Count(ListKind::kBlockedHosts) == 1000U);
  BOOST_TEST(index->Count(ListKind::kNewDomains) == 0U);
  for (const std::string& host : entries[kHosts]) {
    BOOST_TEST(index->Holds(ListKind::kBlockedHosts, host));
    BOOST_TEST(!index->Holds(ListKind::kNewDomains, host));
  }
  BOOST_TEST(!index->Holds(ListKind::kBlockedHosts, "h1000.example"));
  BOOST_TEST(index->Holds(ListKind::kBlockedHashes, std::string(64, 'a')));
  BOOST_TEST(index->version().size() == 12U);
  BOOST_TEST(WriteListIndex(entries) == bytes);  // the same lists, the same version
  entries[kNew] = {"new.example"};
  BOOST_TEST(ListIndex::Open(WriteListIndex(entries))->version() != index->version());
}

BOOST_AUTO_TEST_CASE(what_is_no_index_or_not_whole_is_refused) {
  ListEntries entries;
  entries[kHosts] = {"a.example", "b.example"};
  const std::string bytes = WriteListIndex(entries);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    BOOST_TEST(!ListIndex::Open(std::string_view(bytes).substr(0, size)).ok(), size);
  }
  BOOST_TEST(!ListIndex::Open(bytes + "x").ok());
  std::string huge = bytes;
  huge[16 + 7] = '\xFF';  // a count that overflows
  BOOST_TEST(!ListIndex::Open(huge).ok());
  BOOST_TEST(ListIndex::Open(WriteListIndex({})).ok());
}

BOOST_AUTO_TEST_CASE(a_list_is_one_entry_a_line_with_comments) {
  const ListLines lines =
      ReadListText(ListKind::kBlockedHosts,
                   "# of today\r\nEvil.Example  # why\r\n\r\n  b.example\nc.example", "f");
  BOOST_REQUIRE(lines.faults.empty());
  const std::vector<std::string> expected = {"evil.example", "b.example", "c.example"};
  BOOST_TEST(lines.entries == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_mark_that_editors_put_in_front_is_no_part_of_an_entry) {
  const ListLines lines = ReadListText(ListKind::kBlockedHosts,
                                       "\xEF\xBB\xBF"
                                       "evil.example\r\nb.example\r\n",
                                       "f");
  const std::vector<std::string> expected = {"evil.example", "b.example"};
  BOOST_TEST(lines.entries == expected, boost::test_tools::per_element());
  BOOST_TEST(!ReadListText(ListKind::kBlockedHosts,
                           "a.example\n\xEF\xBB\xBF"
                           "b.example",
                           "f")
                  .faults.empty());
}

BOOST_AUTO_TEST_CASE(a_bad_line_refuses_the_file_and_says_where_it_is) {
  const ListLines lines =
      ReadListText(ListKind::kNewDomains, "a.example\n  https://b.example/\n", "new.txt");
  BOOST_REQUIRE_EQUAL(lines.faults.size(), 1U);
  BOOST_TEST(ToString(lines.faults[0]) ==
             "new.txt:2:3: \"https://b.example/\": expected a host or domain such as "
             "files.example (international ones in their xn-- form)");
  BOOST_TEST(ReadListText(ListKind::kBlockedHashes, "e3b0", "f").faults.size() == 1U);
  BOOST_TEST(ReadListText(ListKind::kBlockedHashes, std::string(64, 'g'), "f").faults.size() == 1U);
  BOOST_TEST(ReadListText(ListKind::kBlockedHosts, "com\n", "f").faults.size() == 1U);
  const ListFilesRead missing = ReadListFiles(NewDomains("/nowhere/new.txt"));
  BOOST_REQUIRE_EQUAL(missing.faults.size(), 1U);
  BOOST_TEST(missing.faults[0].what.find("new_domains") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_tenant_gets_the_relays_lists_its_own_files_and_what_it_lists_by_hand) {
  const TemporaryFolder folder;
  Tenant contoso = Named("contoso");
  contoso.list_files = NewDomains(folder.Write("own.txt", "own.example\n"));
  contoso.lists[ListName::kBlockedHosts] = {"evil.example"};
  ListShelf shelf(NewDomains(folder.Write("relay.txt", "a.example\nb.example\n")));
  const TenantDirectory stocked = shelf.Stock(TenantDirectory({contoso, Named("fabrikam")}));
  const auto& lists = stocked.tenants().at(0).judge_lists;
  BOOST_REQUIRE_EQUAL(lists.size(), 3U);
  BOOST_TEST(CountNew(stocked) == 3U);
  BOOST_TEST(lists[2].index.Holds(ListKind::kBlockedHosts, "evil.example"));
  const auto& others = stocked.tenants().at(1).judge_lists;
  BOOST_REQUIRE_EQUAL(others.size(), 1U);
  BOOST_TEST((others[0].memory == lists[0].memory));  // shared, not read twice
}

BOOST_AUTO_TEST_CASE(a_file_is_read_again_when_it_changes_and_a_bad_one_keeps_the_old) {
  const TemporaryFolder folder;
  const std::string path = folder.Write("new.txt", "a.example\n");
  ListShelf shelf(NewDomains(path));
  const TenantDirectory tenants({Named("contoso")});
  BOOST_TEST(CountNew(shelf.Stock(tenants)) == 1U);
  BOOST_TEST(!shelf.FilesChanged());
  folder.Write("new.txt", "a.example\nb.example\n");
  BOOST_TEST(shelf.FilesChanged());
  BOOST_TEST(CountNew(shelf.Stock(tenants)) == 2U);
  BOOST_TEST(!shelf.FilesChanged());
  folder.Write("new.txt", "a.example\nb.example\n<html>404</html>\n");
  BOOST_TEST(CountNew(shelf.Stock(tenants)) == 2U);
  BOOST_TEST(!shelf.FilesChanged());  // said once, not with every look
  std::filesystem::remove(path);
  BOOST_TEST(shelf.FilesChanged());
  BOOST_TEST(CountNew(shelf.Stock(tenants)) == 2U);
  folder.Write("new.txt", "c.example\n");
  BOOST_TEST(CountNew(shelf.Stock(tenants)) == 1U);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there_yet_is_taken_when_it_comes) {
  const TemporaryFolder folder;
  ListShelf shelf(NewDomains(folder.path() + "/new.txt"));
  const TenantDirectory tenants({Named("contoso")});
  BOOST_TEST(CountNew(shelf.Stock(tenants)) == 0U);
  BOOST_TEST(!shelf.FilesChanged());
  folder.Write("new.txt", "a.example\n");
  BOOST_TEST(shelf.FilesChanged());
  BOOST_TEST(CountNew(shelf.Stock(tenants)) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
