#ifndef LIMITS_SUPPORT_H
#define LIMITS_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

/* What all limits need: errors that say what failed, a clock, options, percentiles, files. */

#define KIB 1024ull
#define MIB (1024ull * 1024ull)

/* Ends the program: "name: message", with the system's words behind it when errno is set. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Nanoseconds of the monotonic clock. */
uint64_t now_ns(void);
/* Nanoseconds that this thread has computed: what is left when other programs are taken away. */
uint64_t thread_cpu_ns(void);
/* The same of all threads of this process. */
uint64_t process_cpu_ns(void);

/* One option of a program; the table ends with a name of NULL. */
struct setting {
    const char *name;
    enum { SETTING_NUMBER, SETTING_TEXT, SETTING_FLAG } kind;
    void *target; /* uint64_t *, const char **, int * */
    const char *help;
};

/* Reads the options, answers --help. Returns the index of the first operand. */
int read_settings(int argc, char **argv, const char *about, const struct setting *settings);

/* Memory that is there; zeroed. */
void *allocate(size_t byte_count);

/* Sorts the samples; then percentile() takes from them, `of` in 0 ... 1. */
void sort_samples(uint64_t *samples, size_t count);
uint64_t percentile(const uint64_t *sorted, size_t count, double of);

/* Writes all of it at the offset. */
void write_at(int file, const void *bytes, size_t count, uint64_t offset);

/* Opens a new file and writes zeros over its whole length, durably: blocks and length are there. */
int create_prewritten(const char *path, uint64_t byte_count);

/* A whole file, mapped for reading, its pages touched. */
struct mapping {
    const uint8_t *bytes;
    size_t count;
};
struct mapping map_file(const char *path);

#endif
