-- Whether the user of a refused event was beyond doubt when it came, so that a replay lets nobody in who was not: see verified identify.
-- The proof itself is not kept. Letters of before are in doubt.
-- Cost: metadata only.
ALTER TABLE dead_letters_v1 ADD COLUMN IF NOT EXISTS vouched Bool DEFAULT false AFTER user_id;
