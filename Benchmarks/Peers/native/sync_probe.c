/* Times pwrite + fdatasync of 4 KiB appends into a file whose blocks were written before: the least
   that a durable append costs here. sync_probe FILE SECONDS */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 4096, BLOCKS = 4096 };

static void check(bool holds, const char *what) {
    if (!holds) stop_with(what, strerror(errno));
}

int main(int argc, char **argv) {
    if (argc != 3) stop_with("usage", "sync_probe FILE SECONDS");
    static char block[BLOCK];
    static double latencies[BLOCKS];
    int file = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
    check(file >= 0, argv[1]);
    for (off_t index = 0; index < BLOCKS; index++)
        check(pwrite(file, block, BLOCK, index * BLOCK) == BLOCK, "pwrite");
    check(fsync(file) == 0, "fsync");
    memset(block, 0x5a, BLOCK);

    double start = seconds_now(), now = start;
    uint64_t count = 0;
    while (count < BLOCKS && now - start < atof(argv[2])) {
        check(pwrite(file, block, BLOCK, (off_t)count * BLOCK) == BLOCK, "pwrite");
        check(fdatasync(file) == 0, "fdatasync");
        double after = seconds_now();
        latencies[count++] = after - now;
        now = after;
    }
    struct measurement measured = {
        .orders = count, .seconds = now - start, .latencies = latencies};
    print_measurement(&measured);
    close(file);
    unlink(argv[1]);
}
