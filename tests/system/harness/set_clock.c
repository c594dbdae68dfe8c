/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into a daemon: its wall clock is ahead by the milliseconds that stand in the file
 * CLAWBACK_SET_CLOCK, looked at each time. The monotonic clock, and time() by which certificates
 * are checked, stay as they are. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static long long ahead_ms(void) {
  static const char *volatile text;
  if (text == NULL) {
    const char *path = getenv("CLAWBACK_SET_CLOCK");
    const int file = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return 0;
    void *mapped = mmap(NULL, 32, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (mapped == MAP_FAILED) return 0;
    text = mapped;
  }
  return strtoll(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*volatile real)(clockid_t, struct timespec *);
  if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
  const int failed = real(clock, now);
  if (failed == 0 && clock == CLOCK_REALTIME) {
    const long long sum = now->tv_nsec + ahead_ms() % 1000 * 1000000;
    now->tv_sec += ahead_ms() / 1000 + (sum >= 1000000000 ? 1 : sum < 0 ? -1 : 0);
    now->tv_nsec = sum >= 1000000000 ? sum - 1000000000 : sum < 0 ? sum + 1000000000 : sum;
  }
  return failed;
}
