// SPDX-License-Identifier: Apache-2.0
#include "retract/command/job_request.h"

#include <charconv>
#include <fstream>
#include <istream>

#include "policy/base/text.h"

namespace clawback {
namespace {

namespace json = boost::json;

// Well below what a request may hold, with everything else that stands in it.
constexpr std::size_t kMostBytes = kMaxRequestLine - 16'384;

Result<json::object> Ask(SidecarClient& sidecar, const json::object& arguments) {
  const auto answer = sidecar.Ask(kJobPreview, json::serialize(arguments));
  if (!answer) return answer.error();
  return json::parse(*answer).as_object();
}

// As much of list from *begin on as one request takes.
json::array NextPart(const json::array& list, std::size_t* begin) {
  json::array part;
  for (std::size_t bytes = 0; *begin < list.size(); ++*begin) {
    bytes += json::serialize(list[*begin]).size() + 1;
    if (bytes > kMostBytes && !part.empty()) break;
    part.push_back(list[*begin]);
  }
  return part;
}

}  // namespace

Result<std::int64_t> RowId(std::string_view text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error == std::errc() && end == text.data() + text.size() && id > 0) return id;
  return Error{ErrorKind::kInvalid, std::string(text) + ": expected the ID of a trace row"};
}

Result<json::array> ReadEntries(const std::string& path, std::istream& in) {
  std::ifstream file;
  if (path != "-") file.open(path);
  std::istream& from = path == "-" ? in : file;
  if (!from) return Error{ErrorKind::kNotFound, path + ": cannot be read"};
  json::array entries;
  for (std::string line; std::getline(from, line);) {
    const std::string_view entry = Trim(line);
    if (!entry.empty()) entries.emplace_back(entry);
  }
  if (from.bad()) return Error{ErrorKind::kTransient, path + ": cannot be read to its end"};
  if (entries.empty()) return Error{ErrorKind::kInvalid, path + ": expected one entry a line"};
  return entries;
}

Result<json::array> ReadIds(const std::string& path, std::istream& in) {
  auto entries = ReadEntries(path, in);
  if (!entries) return entries;
  for (json::value& entry : *entries) {
    const auto id = RowId(entry.as_string());
    if (!id) return id.error();
    entry = *id;
  }
  return entries;
}

Result<json::object> AskPreview(SidecarClient& sidecar, const json::object& arguments,
                                std::string_view key, const json::array& list) {
  if (key.empty()) return Ask(sidecar, arguments);
  json::object request = arguments;
  std::size_t begin = 0;
  while (true) {
    request[key] = NextPart(list, &begin);
    request["more"] = begin < list.size();
    auto answer = Ask(sidecar, request);
    if (!answer || begin >= list.size()) return answer;
    request["job"] = answer->at("job").at("id");
  }
}

}  // namespace clawback
