-- Read model `users`, as DaybookProjections creates it.
-- Held equal to the code by a test; the hash below is stored in every file.
-- schema hash: 126f9c0e97e4dda5a26b19cc9afc421e
-- projector 5 of EmailVerified 1, MailFailed 1, MailRequested 1, MailSent 1, UserDeactivated 1, UserReactivated 1, UserRegistered 1, VerificationIssued 1, VerificationVoided 1

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

CREATE TABLE users (
    user_id BLOB NOT NULL,
    account_state TEXT NOT NULL,
    account_reason TEXT,
    email_verified_at INTEGER,
    payment_customer_id TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    is_active INTEGER GENERATED ALWAYS AS (account_state = 'enabled' AND email_verified_at IS NOT NULL) VIRTUAL,
    PRIMARY KEY (user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE email_claims (
    digest BLOB NOT NULL,
    user_id BLOB NOT NULL,
    claimed_at INTEGER NOT NULL,
    released_at INTEGER,
    PRIMARY KEY (digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE verifications (
    verification_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    purpose TEXT NOT NULL,
    state TEXT NOT NULL,
    email_digest BLOB NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    voided_at INTEGER,
    void_reason TEXT,
    PRIMARY KEY (verification_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE stored_mails (
    mail_id BLOB NOT NULL,
    template INTEGER NOT NULL,
    user_id BLOB NOT NULL,
    order_id_end BLOB,
    verification_id BLOB,
    state INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    error TEXT,
    provider_id TEXT,
    requested_at INTEGER NOT NULL,
    updated_after INTEGER NOT NULL,
    PRIMARY KEY (mail_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE parked_events (
    position INTEGER NOT NULL,
    subject TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    payload BLOB NOT NULL,
    reason TEXT,
    PRIMARY KEY (position, subject)
) STRICT, WITHOUT ROWID;

CREATE VIEW mails AS
SELECT mail_id,
    CASE template WHEN 0 THEN 'order_confirmed' WHEN 1 THEN 'verify_email' WHEN 2 THEN 'already_registered' END AS template,
    user_id,
    CAST(substr(mail_id, 1, 16 - length(order_id_end)) || order_id_end AS BLOB) AS order_id,
    verification_id,
    CASE state WHEN 0 THEN 'requested' WHEN 1 THEN 'sent' WHEN 2 THEN 'failed' END AS state,
    failures,
    error,
    provider_id,
    requested_at,
    requested_at + updated_after AS updated_at
FROM stored_mails;

CREATE INDEX mails_by_user ON stored_mails (substr(user_id, 12));
