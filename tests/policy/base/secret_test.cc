// SPDX-License-Identifier: Apache-2.0
#include "policy/base/secret.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "tests/policy/temporary_folder.h"

namespace clawback {
namespace {

std::string WithMode(const TemporaryFolder& folder, std::string_view bytes, mode_t mode) {
  std::string path = folder.Write("s", bytes);
  BOOST_REQUIRE_EQUAL(::chmod(path.c_str(), mode), 0);
  return path;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(secret)

BOOST_AUTO_TEST_CASE(a_file_gives_its_bytes_without_one_line_end) {
  struct Case {
    std::string bytes, secret;
  };
  for (const Case& test : {Case{"abc", "abc"}, Case{"abc\n", "abc"}, Case{"abc\r\n", "abc"},
                           Case{"abc\n\n", "abc\n"}, Case{" a b ", " a b "}}) {
    const TemporaryFolder folder;
    const auto secret = LoadSecret("file:" + WithMode(folder, test.bytes, 0600));
    BOOST_REQUIRE(secret.ok());
    BOOST_TEST(secret->Reveal() == test.secret);
  }
}

BOOST_AUTO_TEST_CASE(a_mode_that_lets_others_in_is_refused_with_the_command_that_mends_it) {
  for (const mode_t mode : {0644U, 0604U, 0660U, 0602U, 0650U, 0601U, 0777U}) {
    const TemporaryFolder folder;
    const std::string path = WithMode(folder, "abc", mode);
    const auto secret = LoadSecret("file:" + path);
    BOOST_REQUIRE(!secret.ok());
    BOOST_TEST((secret.error().kind == ErrorKind::kRefused));
    BOOST_TEST(secret.error().what.find("chmod 0640 " + path) != std::string::npos);
    BOOST_TEST(secret.error().what.find("abc") == std::string::npos);
  }
  for (const mode_t mode : {0400U, 0600U, 0440U, 0640U}) {
    const TemporaryFolder folder;
    BOOST_TEST(LoadSecret("file:" + WithMode(folder, "abc", mode)).ok());
  }
}

BOOST_AUTO_TEST_CASE(only_a_regular_file_of_ours_is_read) {
  const TemporaryFolder folder;
  const std::string path = WithMode(folder, "abc", 0600);
  const std::string link = folder.path() + "/link", pipe = folder.path() + "/pipe";
  BOOST_REQUIRE_EQUAL(::symlink(path.c_str(), link.c_str()), 0);
  BOOST_REQUIRE_EQUAL(::mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& bad : {link, pipe, folder.path()}) {
    const auto secret = LoadSecret("file:" + bad);
    BOOST_REQUIRE(!secret.ok());
    BOOST_TEST((secret.error().kind == ErrorKind::kRefused), bad);
  }
  const auto absent = LoadSecret("file:" + folder.path() + "/none");
  BOOST_REQUIRE(!absent.ok());
  BOOST_TEST((absent.error().kind == ErrorKind::kNotFound));
  if (::geteuid() == 0) {
    BOOST_REQUIRE_EQUAL(::chown(path.c_str(), 65534, 65534), 0);
    const auto foreign = LoadSecret("file:" + path);
    BOOST_REQUIRE(!foreign.ok());
    BOOST_TEST(foreign.error().what == path + ": owned by uid 65534, expected root or uid 0");
  }
}

BOOST_AUTO_TEST_CASE(a_link_is_followed_where_that_is_wanted_to_a_file_that_will_do) {
  const TemporaryFolder folder;
  const std::string path = WithMode(folder, "abc", 0600);
  const std::string link = folder.path() + "/link";
  BOOST_REQUIRE_EQUAL(::symlink(path.c_str(), link.c_str()), 0);
  const auto token = LoadSecret("file:" + link, Links::kFollowed);
  BOOST_REQUIRE(token.ok());
  BOOST_TEST(token->Reveal() == "abc");
  BOOST_REQUIRE_EQUAL(::chmod(path.c_str(), 0644), 0);
  const auto open = LoadSecret("file:" + link, Links::kFollowed);
  BOOST_TEST((!open.ok() && open.error().kind == ErrorKind::kRefused));
}

BOOST_AUTO_TEST_CASE(an_empty_or_huge_file_is_no_secret) {
  for (const std::string& bytes :
       {std::string(), std::string("\n"), std::string("\r\n"), std::string(64 * 1024 + 1, 'a')}) {
    const TemporaryFolder folder;
    const auto secret = LoadSecret("file:" + WithMode(folder, bytes, 0600));
    BOOST_REQUIRE(!secret.ok());
    BOOST_TEST((secret.error().kind == ErrorKind::kInvalid));
  }
}

BOOST_AUTO_TEST_CASE(a_credential_stands_in_systemds_folder) {
  const TemporaryFolder folder;
  const std::string path = WithMode(folder, "abc\n", 0400);
  BOOST_REQUIRE_EQUAL(::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1), 0);
  const auto secret = LoadSecret("credential:s");
  BOOST_REQUIRE_EQUAL(::unsetenv("CREDENTIALS_DIRECTORY"), 0);
  BOOST_REQUIRE(secret.ok());
  BOOST_TEST(secret->Reveal() == "abc");
  const auto without = LoadSecret("credential:s");
  BOOST_REQUIRE(!without.ok());
  BOOST_TEST((without.error().kind == ErrorKind::kNotFound));
}

BOOST_AUTO_TEST_CASE(a_secret_itself_is_no_reference_and_is_not_repeated) {
  for (const std::string_view bad : {"", "hunter2", "file:", "file:relative", "credential:",
                                     "credential:..", "credential:a/b", "FILE:/x", "env:X"}) {
    const Status status = CheckSecretReference(bad);
    BOOST_REQUIRE(!status.ok());
    BOOST_TEST((status.error().kind == ErrorKind::kInvalid));
    BOOST_TEST(status.error().what.find("hunter2") == std::string::npos);
    BOOST_TEST(!LoadSecret(bad).ok());
  }
  BOOST_TEST(CheckSecretReference("file:/etc/x").ok());
  BOOST_TEST(CheckSecretReference("credential:x").ok());
}

BOOST_AUTO_TEST_CASE(a_moved_secret_leaves_nothing_behind) {
  // Short enough to live inside the object, where a move alone would leave it.
  Secret first("hunter2");
  Secret second(std::move(first));
  BOOST_TEST(second.Reveal() == "hunter2");
  std::string object(sizeof(Secret), '\0');
  std::memcpy(object.data(), static_cast<const void*>(&first), sizeof(Secret));
  BOOST_TEST(object.find("unter2") == std::string::npos);
  Secret third("other");
  third = std::move(second);
  BOOST_TEST(third.Reveal() == "hunter2");
  std::memcpy(object.data(), static_cast<const void*>(&second), sizeof(Secret));
  BOOST_TEST(object.find("unter2") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_secret_that_goes_is_wiped) {
  alignas(Secret) unsigned char storage[sizeof(Secret)];
  auto* secret = new (storage) Secret("hunter2");
  secret->~Secret();
  std::string object(sizeof(Secret), '\0');
  std::memcpy(object.data(), storage, sizeof(Secret));
  BOOST_TEST(object.find("unter2") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(equality_is_of_length_and_bytes) {
  BOOST_TEST(ConstantTimeEqual("abc", "abc"));
  BOOST_TEST(ConstantTimeEqual("", ""));
  BOOST_TEST(!ConstantTimeEqual("abc", "abd"));
  BOOST_TEST(!ConstantTimeEqual("abc", "abcd"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
