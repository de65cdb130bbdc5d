#ifndef C_MACHINE_H
#define C_MACHINE_H

/* What Swift's Glibc module does not have. */

/* Has the allocator give back to the system what is free. */
void give_free_memory_back(void);

/* Say where what is measured begins and ends, to a library that was preloaded to count it
   (runner/callgrind-hooks.c); nobody hears it otherwise. */
void announce_measurement_begins(void);
void announce_measurement_ends(void);

#endif
