// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/decision_queue_contract.h"

#include <atomic>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <thread>
#include <vector>

#include "tests/retract/ledger/samples.h"

namespace clawback {
namespace {

using samples::DigestOf;
using samples::kMorning;
using samples::Record;

// The members end in reverse: the queue before its clock and folder.
struct SegmentQueue {
  samples::TemporaryFolder folder;
  ManualClock clock;
  std::unique_ptr<DecisionQueue> queue;
};

std::shared_ptr<DecisionQueue> MakeSegmentQueue() {
  auto made = std::make_shared<SegmentQueue>();
  SegmentOptions options;
  options.folder = made->folder / "segments";
  auto opened = OpenSegmentWriter(options, made->clock);
  BOOST_REQUIRE_MESSAGE(opened.ok(), samples::Fault(opened));
  made->queue = *std::move(opened);
  return {made, made->queue.get()};
}

std::shared_ptr<DecisionQueue> MakeMemoryQueue() { return MakeMemoryDecisionQueue(); }

const QueueMaker kQueues[] = {
    {"segments", MakeSegmentQueue},
    {"memory", MakeMemoryQueue},
};

Committed CommitOk(DecisionQueue& queue, const DecisionRecord& record) {
  const auto committed = queue.Commit(record);
  BOOST_REQUIRE_MESSAGE(committed.ok(), samples::Fault(committed));
  return *committed;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decision_queue)

BOOST_DATA_TEST_CASE(a_report_is_new_once_and_a_repeat_ever_after,
                     boost::unit_test::data::make(kQueues), maker) {
  const auto queue = maker.make();
  BOOST_TEST((CommitOk(*queue, Record(1)) == Committed::kNew));
  BOOST_TEST((CommitOk(*queue, Record(1)) == Committed::kRepeat));
  BOOST_TEST((CommitOk(*queue, Record(2)) == Committed::kNew));
  BOOST_TEST((CommitOk(*queue, Record(1)) == Committed::kRepeat));
}

BOOST_DATA_TEST_CASE(a_repeat_is_known_by_its_digest_alone, boost::unit_test::data::make(kQueues),
                     maker) {
  const auto queue = maker.make();
  CommitOk(*queue, Record(1));
  DecisionRecord other = Record(2);
  other.report_digest = DigestOf(1);
  BOOST_TEST((CommitOk(*queue, other) == Committed::kRepeat));
}

BOOST_DATA_TEST_CASE(has_knows_committed_reports_only, boost::unit_test::data::make(kQueues),
                     maker) {
  const auto queue = maker.make();
  BOOST_TEST(!queue->Has(DigestOf(1)).value());
  CommitOk(*queue, Record(1));
  BOOST_TEST(queue->Has(DigestOf(1)).value());
  BOOST_TEST(!queue->Has(DigestOf(2)).value());
}

BOOST_DATA_TEST_CASE(strikes_count_by_report_and_commit_nothing,
                     boost::unit_test::data::make(kQueues), maker) {
  const auto queue = maker.make();
  BOOST_TEST(queue->Strike(DigestOf(1), kMorning).value() == 1);
  BOOST_TEST(queue->Strike(DigestOf(2), kMorning).value() == 1);
  BOOST_TEST(queue->Strike(DigestOf(1), kMorning).value() == 2);
  BOOST_TEST(queue->Strike(DigestOf(1), kMorning).value() == 3);
  BOOST_TEST(!queue->Has(DigestOf(1)).value());
}

BOOST_DATA_TEST_CASE(parked_bytes_are_kept_again_and_again, boost::unit_test::data::make(kQueues),
                     maker) {
  const auto queue = maker.make();
  BOOST_TEST(queue->Park(DigestOf(1), "bytes", kMorning).value());
  BOOST_TEST(queue->Park(DigestOf(1), "bytes", kMorning).value());
  BOOST_TEST(queue->Park(DigestOf(2), "", kMorning).value());
}

// Every report is sent by four sessions at once: exactly one of them is the first.
BOOST_DATA_TEST_CASE(of_sessions_with_the_same_report_one_is_new,
                     boost::unit_test::data::make(kQueues), maker) {
  constexpr int kSessions = 4;
  constexpr int kReports = 50;
  const auto queue = maker.make();
  std::atomic<int> fresh{0}, repeats{0}, errors{0};
  std::vector<std::thread> sessions;
  for (int session = 0; session < kSessions; ++session) {
    sessions.emplace_back([&] {
      for (int number = 0; number < kReports; ++number) {
        const auto committed = queue->Commit(Record(number));
        if (!committed.ok()) {
          ++errors;
        } else {
          ++(*committed == Committed::kNew ? fresh : repeats);
        }
      }
    });
  }
  for (std::thread& session : sessions) session.join();
  BOOST_TEST(errors == 0);
  BOOST_TEST(fresh == kReports);
  BOOST_TEST(repeats == kReports * (kSessions - 1));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
