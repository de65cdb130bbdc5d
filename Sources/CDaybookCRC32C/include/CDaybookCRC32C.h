#ifndef CDAYBOOKCRC32C_H
#define CDAYBOOKCRC32C_H

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78, initial value and final inversion 0xFFFFFFFF).
///
/// `crc` is the result for the bytes before `data`, 0 at the start, so that parts can be chained.
/// Uses the processor's instruction where there is one, otherwise a table.
/// The check value of "123456789" is 0xE3069283.
uint32_t daybook_crc32c(uint32_t crc, const void *data, size_t byte_count);

/// The same by table only; for tests and for processors without the instruction.
uint32_t daybook_crc32c_portable(uint32_t crc, const void *data, size_t byte_count);

#endif
