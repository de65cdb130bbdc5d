#include "CDaybookCRC32C.h"

#include <string.h>

/* Reflected Castagnoli polynomial. */
#define POLYNOMIAL 0x82F63B78u

/* Three streams of this many bytes are interleaved: the instruction has a latency of three cycles and
   a throughput of one. Source: Mark Adler, crc32c.c (zlib licence); the tables move one stream's CRC
   over the bytes of the next. */
#define LONG_STREAM 8192
#define SHORT_STREAM 256

static uint32_t byte_table[8][256];
static uint32_t long_shift[4][256];
static uint32_t short_shift[4][256];

static uint32_t matrix_times(const uint32_t *matrix, uint32_t vector) {
    uint32_t sum = 0;
    for (; vector; vector >>= 1, matrix++) {
        if (vector & 1) sum ^= *matrix;
    }
    return sum;
}

static void matrix_square(uint32_t *square, const uint32_t *matrix) {
    for (int row = 0; row < 32; row++) square[row] = matrix_times(matrix, matrix[row]);
}

/* Fills `table` so that it moves a CRC over `byte_count` zero bytes; a power of two. */
static void fill_shift(uint32_t table[4][256], size_t byte_count) {
    uint32_t even[32], odd[32], bit = 1;
    odd[0] = POLYNOMIAL;
    for (int row = 1; row < 32; row++, bit <<= 1) odd[row] = bit;
    matrix_square(even, odd);
    matrix_square(odd, even);
    do {
        matrix_square(even, odd);
        byte_count >>= 1;
        if (byte_count == 0) { memcpy(odd, even, sizeof odd); break; }
        matrix_square(odd, even);
        byte_count >>= 1;
    } while (byte_count);
    for (uint32_t value = 0; value < 256; value++) {
        for (int lane = 0; lane < 4; lane++) table[lane][value] = matrix_times(odd, value << (8 * lane));
    }
}

__attribute__((constructor)) static void fill_tables(void) {
    for (uint32_t value = 0; value < 256; value++) {
        uint32_t crc = value;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1;
        byte_table[0][value] = crc;
    }
    for (uint32_t value = 0; value < 256; value++) {
        for (int lane = 1; lane < 8; lane++) {
            uint32_t previous = byte_table[lane - 1][value];
            byte_table[lane][value] = (previous >> 8) ^ byte_table[0][previous & 0xFF];
        }
    }
    fill_shift(long_shift, LONG_STREAM);
    fill_shift(short_shift, SHORT_STREAM);
}

static uint64_t load64(const unsigned char *bytes) {
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

uint32_t daybook_crc32c_portable(uint32_t crc, const void *data, size_t byte_count) {
    const unsigned char *next = data;
    uint64_t state = ~crc;
    state &= 0xFFFFFFFFu;
    while (byte_count >= 8) {
        state ^= load64(next);
        state = byte_table[7][state & 0xFF] ^ byte_table[6][(state >> 8) & 0xFF]
            ^ byte_table[5][(state >> 16) & 0xFF] ^ byte_table[4][(state >> 24) & 0xFF]
            ^ byte_table[3][(state >> 32) & 0xFF] ^ byte_table[2][(state >> 40) & 0xFF]
            ^ byte_table[1][(state >> 48) & 0xFF] ^ byte_table[0][state >> 56];
        next += 8;
        byte_count -= 8;
    }
    while (byte_count--) state = (state >> 8) ^ byte_table[0][(state ^ *next++) & 0xFF];
    return ~(uint32_t)state;
}

#if defined(__x86_64__)
#include <nmmintrin.h>
#define HARDWARE __attribute__((target("sse4.2")))
#define STEP64(crc, value) _mm_crc32_u64((crc), (value))
#define STEP8(crc, value) _mm_crc32_u8((uint32_t)(crc), (value))
static int has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#define HARDWARE
#define STEP64(crc, value) __crc32cd((uint32_t)(crc), (value))
#define STEP8(crc, value) __crc32cb((uint32_t)(crc), (value))
static int has_instruction(void) { return 1; }
#endif

#ifdef HARDWARE
static uint32_t shifted(uint32_t table[4][256], uint32_t crc) {
    return table[0][crc & 0xFF] ^ table[1][(crc >> 8) & 0xFF] ^ table[2][(crc >> 16) & 0xFF]
        ^ table[3][crc >> 24];
}

HARDWARE static uint64_t three_streams(
    uint64_t state, const unsigned char *next, size_t stream, uint32_t table[4][256]
) {
    uint64_t second = 0, third = 0;
    const unsigned char *end = next + stream;
    for (; next < end; next += 8) {
        state = STEP64(state, load64(next));
        second = STEP64(second, load64(next + stream));
        third = STEP64(third, load64(next + 2 * stream));
    }
    state = shifted(table, (uint32_t)state) ^ second;
    return shifted(table, (uint32_t)state) ^ third;
}

HARDWARE static uint32_t crc32c_hardware(uint32_t crc, const void *data, size_t byte_count) {
    const unsigned char *next = data;
    uint64_t state = ~crc;
    state &= 0xFFFFFFFFu;
    for (; byte_count >= 3 * LONG_STREAM; next += 3 * LONG_STREAM, byte_count -= 3 * LONG_STREAM) {
        state = three_streams(state, next, LONG_STREAM, long_shift);
    }
    for (; byte_count >= 3 * SHORT_STREAM; next += 3 * SHORT_STREAM, byte_count -= 3 * SHORT_STREAM) {
        state = three_streams(state, next, SHORT_STREAM, short_shift);
    }
    for (; byte_count >= 8; next += 8, byte_count -= 8) state = STEP64(state, load64(next));
    for (; byte_count; byte_count--) state = STEP8(state, *next++);
    return ~(uint32_t)state;
}
#endif

uint32_t daybook_crc32c(uint32_t crc, const void *data, size_t byte_count) {
#ifdef HARDWARE
    if (has_instruction()) return crc32c_hardware(crc, data, byte_count);
#endif
    return daybook_crc32c_portable(crc, data, byte_count);
}
