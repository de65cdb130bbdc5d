#ifndef C_FUZZ_BUDGET_H
#define C_FUZZ_BUDGET_H

#include <stdint.h>

/// Begins an input: remembers how much memory is in use and what time it is.
void fuzz_budget_begin(void);

/// Ends an input. Aborts, which libFuzzer keeps as a finding, when it took more than
/// `milliseconds` of this thread's processor time.
void fuzz_budget_end(uint64_t milliseconds);

/// From now on any input that holds more than `bytes` of memory at once aborts.
void fuzz_budget_limit_memory(uint64_t bytes);

/// The most that one input held at once, as far as it was looked at (in steps of 1 MiB).
uint64_t fuzz_budget_peak(void);

/// The longest processor time of one input, in nanoseconds.
uint64_t fuzz_budget_slowest(void);

/// Prints and aborts: a property does not hold.
_Noreturn void fuzz_fail(const char *what);

/// Takes bytes into a state of 32; with no bytes it stirs the state. Not cryptographic. Aborts when
/// AddressSanitizer says that some of the bytes must not be read.
void fuzz_hash(void *state, const void *bytes, uintptr_t count);

#endif
