-- Read model `inventory`, as DaybookProjections creates it.
-- Held equal to the code by a test; the hash below is stored in every file.
-- schema hash: 04d38cd087570d759d03c154a3cbd2d7
-- projector 4 of PriceChanged 1, ProductAdded 1, ProductDiscontinued 1, ProductRenamed 1, StockAdjusted 1, StockReceived 1, StockReleased 1, StockReserved 1, StockRestocked 1, StockShipped 1

CREATE TABLE projection (
    name TEXT NOT NULL PRIMARY KEY,
    log_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    batch_number INTEGER NOT NULL,
    chain BLOB NOT NULL,
    schema_hash BLOB NOT NULL,
    digest BLOB,
    digest_position INTEGER,
    stopped_position INTEGER,
    stopped_reason TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE products (
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    price_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    stocked INTEGER NOT NULL,
    on_sale INTEGER NOT NULL,
    backorder INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (sku)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock (
    sku TEXT NOT NULL,
    location TEXT NOT NULL,
    on_hand INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    backordered INTEGER NOT NULL,
    available INTEGER GENERATED ALWAYS AS (on_hand - reserved) VIRTUAL,
    PRIMARY KEY (sku, location)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock_ledger (
    position INTEGER NOT NULL PRIMARY KEY,
    kind INTEGER NOT NULL,
    order_id BLOB,
    lines TEXT NOT NULL
) STRICT;

CREATE TABLE parked_events (
    position INTEGER NOT NULL,
    subject TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    payload BLOB NOT NULL,
    reason TEXT,
    PRIMARY KEY (position, subject)
) STRICT, WITHOUT ROWID;

CREATE VIEW stock_movements AS
SELECT position, line.key + 1 + coalesce(json_extract(line.value, '$[3]'), 0) AS ordinal,
    json_extract(line.value, '$[0]') AS sku,
    coalesce(json_extract(line.value, '$[2]'), 'main') AS location,
    CASE kind WHEN 0 THEN 'reserved' WHEN 1 THEN 'shipped' WHEN 2 THEN 'released' WHEN 3 THEN 'received' WHEN 4 THEN 'adjusted' WHEN 5 THEN 'restocked' END AS kind,
    json_extract(line.value, '$[1]') AS quantity, order_id
FROM stock_ledger, json_each(CASE stock_ledger.lines WHEN '' THEN '[]' ELSE '[[' || replace(stock_ledger.lines, ';', '],[') || ']]' END) AS line;
