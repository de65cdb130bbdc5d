// What one input may cost: memory held at once, counted by AddressSanitizer's hooks, and processor
// time. libFuzzer's own limits are for the whole process and in whole seconds.
#include "CFuzzBudget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int __sanitizer_install_malloc_and_free_hooks(
    void (*malloc_hook)(const volatile void *, uintptr_t), void (*free_hook)(const volatile void *));
uintptr_t __sanitizer_get_current_allocated_bytes(void);

// Adding up what is asked for is cheap; what is in use is looked at once a step only.
static const uint64_t step = 1 << 20;
static uint64_t asked, baseline, limit, peak, slowest, started;
static int is_inside;

static uint64_t processor_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void on_malloc(const volatile void *pointer, uintptr_t size) {
    (void)pointer;
    // libFuzzer's own memory is nobody's fault.
    if (!is_inside) return;
    asked += size;
    if (asked < step) return;
    asked = 0;
    uint64_t used = __sanitizer_get_current_allocated_bytes();
    uint64_t held = used > baseline ? used - baseline : 0;
    if (held > peak) peak = held;
    if (limit != 0 && held > limit) {
        limit = 0;
        fprintf(stderr, "FUZZ: one input holds %llu bytes\n", (unsigned long long)held);
        abort();
    }
}

static void on_free(const volatile void *pointer) { (void)pointer; }

void fuzz_budget_limit_memory(uint64_t bytes) {
    limit = bytes;
    __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
}

void fuzz_budget_begin(void) {
    asked = 0;
    baseline = __sanitizer_get_current_allocated_bytes();
    is_inside = 1;
    started = processor_time();
}

void fuzz_budget_end(uint64_t milliseconds) {
    uint64_t took = processor_time() - started;
    is_inside = 0;
    if (took > slowest) slowest = took;
    if (took > milliseconds * 1000000u) {
        fprintf(stderr, "FUZZ: one input took %llu ms\n", (unsigned long long)(took / 1000000u));
        abort();
    }
}

uint64_t fuzz_budget_peak(void) { return peak; }
uint64_t fuzz_budget_slowest(void) { return slowest; }

void *__asan_region_is_poisoned(void *begin, uintptr_t size);

static uint64_t mixed(uint64_t value) {
    value = (value ^ value >> 31) * 0x7FB5D329728EA185u;
    return value ^ value >> 29;
}

// This file is not instrumented: hashing is most of the work and none of what is tested.
void fuzz_hash(void *state, const void *bytes, uintptr_t count) {
    uint64_t lanes[4];
    memcpy(lanes, state, sizeof lanes);
    if (count > 0 && __asan_region_is_poisoned((void *)bytes, count) != NULL) {
        fuzz_fail("bytes are hashed that must not be read");
    }
    const uint8_t *next = bytes;
    uintptr_t rest = count;
    for (; rest >= 8; rest -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, sizeof word);
        lanes[0] = mixed(lanes[0] ^ word);
        lanes[1] = lanes[1] * 0xFF51AFD7ED558CCDu + lanes[0];
    }
    for (; rest > 0; rest -= 1, next += 1) {
        lanes[0] = mixed(lanes[0] ^ *next ^ 0x100);
        lanes[1] = lanes[1] * 0xFF51AFD7ED558CCDu + lanes[0];
    }
    lanes[2] = mixed(lanes[2] ^ lanes[0] ^ count);
    lanes[3] = mixed(lanes[3] + lanes[1]);
    if (count == 0) {
        lanes[0] = mixed(lanes[0] ^ lanes[2]);
        lanes[1] = mixed(lanes[1] ^ lanes[3]);
    }
    memcpy(state, lanes, sizeof lanes);
}

void fuzz_fail(const char *what) {
    fprintf(stderr, "FUZZ: %s\n", what);
    abort();
}
