#ifndef C_MACHINE_H
#define C_MACHINE_H

#include <stddef.h>

/* What Swift's Glibc module does not have. */

/* Has the allocator give back to the system what is free. */
void give_free_memory_back(void);

/* What the allocator has handed out and not got back, in all arenas, with its own headers. */
size_t allocated_byte_count(void);

/* Say where what is measured begins and ends, to a library that was preloaded to count it
   (runner/callgrind-hooks.c); nobody hears it otherwise. */
void announce_measurement_begins(void);
void announce_measurement_ends(void);

#endif
