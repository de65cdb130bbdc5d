#ifndef LIMITS_MODELS_H
#define LIMITS_MODELS_H

#include "database.h"
#include "workload.h"

/* The rows of the three read models after the canonical workload, as `daybook projection rebuild`
   leaves them behind the log that limit-append writes: equal in every column. */

struct model {
    const char *name;
    void (*fill)(struct model *);
    sqlite3 *database;
    struct workload workload;
    uint64_t order_count;
    double rows_seconds, indexes_seconds, cpu_seconds;
    int64_t setup_pages, pages, page_bytes;
};

/* Each fills the model's open database with its rows, products and users first; no indexes. */
void fill_orders(struct model *model);
void fill_inventory(struct model *model);
void fill_users(struct model *model);

/* The checkpoint, so that limit-select can be asked about these files; of no log. */
void insert_checkpoint(struct model *model);

#endif
