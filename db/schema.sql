CREATE TABLE sessions (
	token_hash TEXT NOT NULL, 
	annotator_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	revoked_at DATETIME, address_id INTEGER CONSTRAINT fk_sessions_address_id REFERENCES addresses (id), 
	CONSTRAINT pk_sessions PRIMARY KEY (token_hash), 
	CONSTRAINT fk_sessions_annotator_id FOREIGN KEY(annotator_id) REFERENCES annotators (id)
);

CREATE INDEX ix_sessions_annotator_id ON sessions (annotator_id);

CREATE TABLE models (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	name TEXT NOT NULL, 
	origin TEXT NOT NULL, 
	license TEXT, 
	card JSON NOT NULL, 
	configuration JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_models PRIMARY KEY (id), 
	CONSTRAINT ck_models_origin CHECK (origin IN ('catalogue', 'external')), 
	CONSTRAINT uq_models_id_key UNIQUE (id, "key"), 
	CONSTRAINT uq_models_key_fingerprint UNIQUE ("key", fingerprint)
);

CREATE TABLE slots (
	battle_id TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	model_id INTEGER NOT NULL, 
	model_key TEXT NOT NULL, 
	CONSTRAINT pk_slots PRIMARY KEY (battle_id, position), 
	CONSTRAINT ck_slots_position CHECK (position >= 0), 
	CONSTRAINT fk_slots_battle_id FOREIGN KEY(battle_id) REFERENCES battles (id), 
	CONSTRAINT fk_slots_model_id_model_key FOREIGN KEY(model_id, model_key) REFERENCES models (id, "key"), 
	CONSTRAINT uq_slots_battle_id_model_key UNIQUE (battle_id, model_key)
);

CREATE TABLE draws (
	ordering TEXT NOT NULL, 
	drawn INTEGER NOT NULL, 
	CONSTRAINT pk_draws PRIMARY KEY (ordering)
);

CREATE TABLE turns (
	battle_id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	prompt TEXT NOT NULL, 
	created_at DATETIME NOT NULL, prompt_hash BIGINT, 
	CONSTRAINT pk_turns PRIMARY KEY (battle_id, number), 
	CONSTRAINT ck_turns_number CHECK (number >= 1), 
	CONSTRAINT fk_turns_battle_id FOREIGN KEY(battle_id) REFERENCES battles (id)
);

CREATE TABLE replies (
	id INTEGER NOT NULL, 
	model_id INTEGER NOT NULL, 
	conversation_hash TEXT NOT NULL, 
	continues_id INTEGER, 
	text TEXT NOT NULL, 
	reasoning TEXT NOT NULL, 
	finish_reason TEXT NOT NULL, 
	error TEXT, 
	rendered_prompt TEXT, 
	prompt_tokens INTEGER, 
	reply_tokens INTEGER, 
	first_token_s FLOAT, 
	total_s FLOAT, 
	created_at DATETIME NOT NULL, answer_hash BIGINT, 
	CONSTRAINT pk_replies PRIMARY KEY (id), 
	CONSTRAINT ck_replies_error CHECK ((finish_reason = 'error') = (error IS NOT NULL)), 
	CONSTRAINT ck_replies_finish_reason CHECK (finish_reason IN ('stop', 'length', 'cancelled', 'error')), 
	CONSTRAINT fk_replies_continues_id FOREIGN KEY(continues_id) REFERENCES replies (id), 
	CONSTRAINT fk_replies_model_id FOREIGN KEY(model_id) REFERENCES models (id)
);

CREATE TABLE slot_replies (
	battle_id TEXT NOT NULL, 
	turn INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	reply_id INTEGER NOT NULL, 
	CONSTRAINT pk_slot_replies PRIMARY KEY (battle_id, turn, position, attempt), 
	CONSTRAINT ck_slot_replies_attempt CHECK (attempt >= 1), 
	CONSTRAINT fk_slot_replies_battle_id_position FOREIGN KEY(battle_id, position) REFERENCES slots (battle_id, position), 
	CONSTRAINT fk_slot_replies_battle_id_turn FOREIGN KEY(battle_id, turn) REFERENCES turns (battle_id, number), 
	CONSTRAINT fk_slot_replies_reply_id FOREIGN KEY(reply_id) REFERENCES replies (id)
);

CREATE INDEX ix_slot_replies_reply_id ON slot_replies (reply_id);

CREATE TABLE vote_rankings (
	vote_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	rank INTEGER NOT NULL, 
	CONSTRAINT pk_vote_rankings PRIMARY KEY (vote_id, position), 
	CONSTRAINT ck_vote_rankings_rank CHECK (rank >= 1), 
	CONSTRAINT fk_vote_rankings_vote_id FOREIGN KEY(vote_id) REFERENCES votes (id)
);

CREATE TABLE outcomes (
	vote_id INTEGER NOT NULL, 
	position_a INTEGER NOT NULL, 
	position_b INTEGER NOT NULL, 
	model_id_a INTEGER NOT NULL, 
	model_id_b INTEGER NOT NULL, 
	verdict TEXT NOT NULL, 
	slots INTEGER NOT NULL, 
	flagged BOOLEAN NOT NULL, 
	recognised BOOLEAN NOT NULL, 
	identity_leak BOOLEAN NOT NULL, 
	truncated BOOLEAN NOT NULL, 
	category TEXT, 
	language TEXT NOT NULL, 
	annotator_id INTEGER NOT NULL, 
	prompt_hash BIGINT NOT NULL, 
	created_at DATETIME NOT NULL, campaign_id INTEGER, item_hash BIGINT NOT NULL DEFAULT 0, 
	CONSTRAINT pk_outcomes PRIMARY KEY (vote_id, position_a, position_b)
)
 WITHOUT ROWID

;

CREATE TABLE board_version (
	number INTEGER NOT NULL
);

CREATE TABLE campaigns (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_campaigns PRIMARY KEY (id), 
	CONSTRAINT uq_campaigns_name UNIQUE (name)
);

CREATE INDEX ix_outcomes_board ON outcomes (model_id_a, model_id_b, verdict, slots, flagged, category, language, annotator_id, prompt_hash, created_at, campaign_id);

CREATE INDEX ix_outcomes_flagged ON outcomes (model_id_a, model_id_b, slots, recognised, identity_leak, truncated, flagged, category, language, annotator_id, created_at, campaign_id) WHERE flagged = 1;

CREATE TABLE addresses (
	id INTEGER NOT NULL, 
	hash TEXT, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_addresses PRIMARY KEY (id), 
	CONSTRAINT uq_addresses_hash UNIQUE (hash)
);

CREATE INDEX ix_addresses_known ON addresses (expires_at) WHERE hash IS NOT NULL;

CREATE TABLE address_hours (
	address_id INTEGER NOT NULL, 
	hour TEXT NOT NULL, 
	annotator_id INTEGER NOT NULL, 
	votes INTEGER NOT NULL, 
	first_at DATETIME NOT NULL, 
	last_at DATETIME NOT NULL, 
	CONSTRAINT pk_address_hours PRIMARY KEY (address_id, hour, annotator_id), 
	CONSTRAINT fk_address_hours_address_id FOREIGN KEY(address_id) REFERENCES addresses (id), 
	CONSTRAINT fk_address_hours_annotator_id FOREIGN KEY(annotator_id) REFERENCES annotators (id)
)
 WITHOUT ROWID

;

CREATE TABLE roles (
	name TEXT NOT NULL, 
	CONSTRAINT pk_roles PRIMARY KEY (name)
)
 WITHOUT ROWID

;

CREATE TABLE battle_states (
	name TEXT NOT NULL, 
	CONSTRAINT pk_battle_states PRIMARY KEY (name)
)
 WITHOUT ROWID

;

CREATE TABLE verdicts (
	name TEXT NOT NULL, 
	CONSTRAINT pk_verdicts PRIMARY KEY (name)
)
 WITHOUT ROWID

;

CREATE TABLE reasons (
	name TEXT NOT NULL, 
	CONSTRAINT pk_reasons PRIMARY KEY (name)
)
 WITHOUT ROWID

;

CREATE TABLE flag_kinds (
	name TEXT NOT NULL, 
	CONSTRAINT pk_flag_kinds PRIMARY KEY (name)
)
 WITHOUT ROWID

;

CREATE TABLE leases (
	owner TEXT NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_leases PRIMARY KEY (owner)
);

CREATE TABLE "annotators" (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	password_hash TEXT, 
	group_name TEXT, 
	created_at DATETIME NOT NULL, 
	disabled_at DATETIME, 
	CONSTRAINT pk_annotators PRIMARY KEY (id), 
	CONSTRAINT uq_annotators_name UNIQUE (name), 
	CONSTRAINT fk_annotators_role FOREIGN KEY(role) REFERENCES roles (name)
);

CREATE TABLE "battles" (
	id TEXT NOT NULL, 
	annotator_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	category TEXT, 
	language TEXT NOT NULL, 
	pair_probability FLOAT, 
	created_at DATETIME NOT NULL, 
	completed_at DATETIME, 
	revealed_at DATETIME, 
	campaign_id INTEGER, 
	owner TEXT, 
	CONSTRAINT pk_battles PRIMARY KEY (id), 
	CONSTRAINT uq_battles_id_annotator_id UNIQUE (id, annotator_id), 
	CONSTRAINT fk_battles_annotator_id FOREIGN KEY(annotator_id) REFERENCES annotators (id), 
	CONSTRAINT fk_battles_state FOREIGN KEY(state) REFERENCES battle_states (name), 
	CONSTRAINT fk_battles_campaign_id FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
);

CREATE TABLE "votes" (
	id INTEGER NOT NULL, 
	battle_id TEXT NOT NULL, 
	annotator_id INTEGER NOT NULL, 
	verdict TEXT, 
	comment TEXT NOT NULL, 
	reading_s FLOAT, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_votes PRIMARY KEY (id), 
	CONSTRAINT uq_votes_battle_id UNIQUE (battle_id), 
	CONSTRAINT fk_votes_battle_id_annotator_id FOREIGN KEY(battle_id, annotator_id) REFERENCES battles (id, annotator_id), 
	CONSTRAINT fk_votes_verdict FOREIGN KEY(verdict) REFERENCES verdicts (name)
);

CREATE TABLE "vote_reasons" (
	vote_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	CONSTRAINT pk_vote_reasons PRIMARY KEY (vote_id, position, reason), 
	CONSTRAINT fk_vote_reasons_vote_id FOREIGN KEY(vote_id) REFERENCES votes (id), 
	CONSTRAINT fk_vote_reasons_reason FOREIGN KEY(reason) REFERENCES reasons (name)
);

CREATE TABLE "vote_revisions" (
	vote_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	verdict TEXT NOT NULL, 
	who INTEGER NOT NULL, 
	why TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_vote_revisions PRIMARY KEY (vote_id, revision), 
	CONSTRAINT ck_vote_revisions_revision CHECK (revision >= 1), 
	CONSTRAINT fk_vote_revisions_vote_id FOREIGN KEY(vote_id) REFERENCES votes (id), 
	CONSTRAINT fk_vote_revisions_verdict FOREIGN KEY(verdict) REFERENCES verdicts (name), 
	CONSTRAINT fk_vote_revisions_who FOREIGN KEY(who) REFERENCES annotators (id)
);

CREATE TABLE "flags" (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	vote_id INTEGER, 
	reply_id INTEGER, 
	detail TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_flags PRIMARY KEY (id), 
	CONSTRAINT uq_flags_kind_vote_id UNIQUE (kind, vote_id), 
	CONSTRAINT uq_flags_kind_reply_id UNIQUE (kind, reply_id), 
	CONSTRAINT ck_flags_subject CHECK ((vote_id IS NULL) <> (reply_id IS NULL)), 
	CONSTRAINT fk_flags_kind FOREIGN KEY(kind) REFERENCES flag_kinds (name), 
	CONSTRAINT fk_flags_vote_id FOREIGN KEY(vote_id) REFERENCES votes (id), 
	CONSTRAINT fk_flags_reply_id FOREIGN KEY(reply_id) REFERENCES replies (id)
);

CREATE INDEX ix_battles_annotator_id_state ON battles (annotator_id, state);

CREATE INDEX ix_battles_void ON battles (created_at) WHERE state = 'void';

CREATE INDEX ix_battles_generating ON battles (owner) WHERE state = 'generating';

CREATE INDEX ix_votes_annotator_id ON votes (annotator_id);

CREATE INDEX ix_replies_model_id_conversation_hash ON replies (model_id, conversation_hash);

CREATE TABLE withdrawn_turns (
	id INTEGER NOT NULL, 
	battle_id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	prompt TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	withdrawn_at DATETIME NOT NULL, 
	CONSTRAINT pk_withdrawn_turns PRIMARY KEY (id), 
	CONSTRAINT ck_withdrawn_turns_number CHECK (number >= 2), 
	CONSTRAINT fk_withdrawn_turns_battle_id FOREIGN KEY(battle_id) REFERENCES battles (id)
);

CREATE INDEX ix_withdrawn_turns_battle_id ON withdrawn_turns (battle_id);

CREATE TABLE withdrawn_replies (
	withdrawn_turn_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	reply_id INTEGER NOT NULL, 
	CONSTRAINT pk_withdrawn_replies PRIMARY KEY (withdrawn_turn_id, position, attempt), 
	CONSTRAINT ck_withdrawn_replies_attempt CHECK (attempt >= 1), 
	CONSTRAINT fk_withdrawn_replies_withdrawn_turn_id FOREIGN KEY(withdrawn_turn_id) REFERENCES withdrawn_turns (id), 
	CONSTRAINT fk_withdrawn_replies_reply_id FOREIGN KEY(reply_id) REFERENCES replies (id)
);

CREATE INDEX ix_withdrawn_replies_reply_id ON withdrawn_replies (reply_id);

CREATE VIEW comparisons AS
SELECT
  outcomes.vote_id,
  votes.battle_id,
  outcomes.annotator_id,
  outcomes.created_at,
  outcomes.category,
  outcomes.language,
  outcomes.position_a,
  outcomes.position_b,
  a."key" AS model_a,
  b."key" AS model_b,
  outcomes.model_id_a,
  outcomes.model_id_b,
  outcomes.verdict,
  outcomes.recognised,
  outcomes.identity_leak,
  outcomes.truncated,
  outcomes.campaign_id
FROM outcomes
JOIN votes ON votes.id = outcomes.vote_id
JOIN models a ON a.id = outcomes.model_id_a
JOIN models b ON b.id = outcomes.model_id_b;

CREATE VIEW recounted_outcomes AS
SELECT
  vote_id, position_a, position_b, model_id_a, model_id_b, verdict, slots,
  (recognised OR identity_leak OR truncated) AS flagged,
  recognised, identity_leak, truncated, category, language, annotator_id, prompt_hash, created_at,
  campaign_id, item_hash
FROM (
  SELECT
    votes.id AS vote_id,
    a.position AS position_a,
    b.position AS position_b,
    a.model_id AS model_id_a,
    b.model_id AS model_id_b,
    CASE
      WHEN votes.verdict IS NOT NULL THEN COALESCE(
        (SELECT revised.verdict FROM vote_revisions revised WHERE revised.vote_id = votes.id
         ORDER BY revised.revision DESC LIMIT 1),
        votes.verdict)
      WHEN rank_a.rank < rank_b.rank THEN 'a_better'
      WHEN rank_a.rank > rank_b.rank THEN 'b_better'
      WHEN rank_a.rank = rank_b.rank THEN 'tie'
    END AS verdict,
    (SELECT COUNT(*) FROM slots s WHERE s.battle_id = votes.battle_id) AS slots,
    EXISTS (
      SELECT 1 FROM flags WHERE flags.vote_id = votes.id AND flags.kind = 'recognised'
    ) AS recognised,
    EXISTS (
      SELECT 1 FROM slot_replies shown JOIN flags ON flags.reply_id = shown.reply_id
      WHERE shown.battle_id = votes.battle_id AND shown.position IN (a.position, b.position)
      AND flags.kind = 'identity_leak'
    ) OR EXISTS (
      SELECT 1 FROM withdrawn_turns withdrawn
      JOIN withdrawn_replies shown ON shown.withdrawn_turn_id = withdrawn.id
      JOIN flags ON flags.reply_id = shown.reply_id
      WHERE withdrawn.battle_id = votes.battle_id AND shown.position IN (a.position, b.position)
      AND flags.kind = 'identity_leak'
    ) AS identity_leak,
    EXISTS (
      SELECT 1 FROM slot_replies shown JOIN flags ON flags.reply_id = shown.reply_id
      WHERE shown.battle_id = votes.battle_id AND shown.position IN (a.position, b.position)
      AND flags.kind = 'truncated'
      AND shown.attempt = (
        SELECT MAX(attempt) FROM slot_replies later WHERE later.battle_id = shown.battle_id
        AND later.turn = shown.turn AND later.position = shown.position)
    ) AS truncated,
    battles.category,
    battles.language,
    votes.annotator_id,
    COALESCE(opening.prompt_hash, 0) AS prompt_hash,
    votes.created_at,
    battles.campaign_id,
    COALESCE(
      (SELECT replies.answer_hash
       FROM slot_replies given JOIN replies ON replies.id = given.reply_id
       WHERE given.battle_id = votes.battle_id AND given.position = a.position
       AND given.turn = (SELECT MAX(number) FROM turns WHERE turns.battle_id = votes.battle_id)
       ORDER BY given.attempt DESC LIMIT 1)
      + (SELECT replies.answer_hash
         FROM slot_replies given JOIN replies ON replies.id = given.reply_id
         WHERE given.battle_id = votes.battle_id AND given.position = b.position
         AND given.turn = (SELECT MAX(number) FROM turns WHERE turns.battle_id = votes.battle_id)
         ORDER BY given.attempt DESC LIMIT 1),
      (opening.prompt_hash >> 1) + COALESCE(
        (SELECT CAST(SUM((later.prompt_hash >> 22) * later.number) AS BIGINT) FROM turns later
         WHERE later.battle_id = votes.battle_id AND later.number > 1),
        0),
      0
    ) AS item_hash
  FROM votes
  JOIN battles ON battles.id = votes.battle_id
  JOIN slots a ON a.battle_id = votes.battle_id
  JOIN slots b ON b.battle_id = votes.battle_id AND b.position > a.position
  LEFT JOIN turns opening ON opening.battle_id = votes.battle_id AND opening.number = 1
  LEFT JOIN vote_rankings rank_a ON rank_a.vote_id = votes.id AND rank_a.position = a.position
  LEFT JOIN vote_rankings rank_b ON rank_b.vote_id = votes.id AND rank_b.position = b.position
) AS derived
WHERE verdict IS NOT NULL;

CREATE TRIGGER battles_keep_their_campaign
BEFORE UPDATE OF campaign_id ON battles
WHEN OLD.campaign_id IS NOT NEW.campaign_id
BEGIN
  SELECT RAISE(ABORT, 'a battle never changes its campaign');
END;

CREATE TRIGGER void_battles_change_boards
AFTER UPDATE OF state ON battles
WHEN NEW.state = 'void'
BEGIN
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER groups_change_boards
AFTER UPDATE OF group_name ON annotators
BEGIN
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER names_change_boards
AFTER UPDATE OF name ON models
BEGIN
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER campaigns_change_boards
AFTER UPDATE OF name ON campaigns
BEGIN
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER flags_of_vote_insert_change_outcomes
AFTER INSERT ON flags
WHEN NEW.vote_id IS NOT NULL
BEGIN
  DELETE FROM outcomes WHERE vote_id = NEW.vote_id;
  INSERT INTO outcomes SELECT * FROM recounted_outcomes WHERE vote_id = NEW.vote_id;
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER flags_of_vote_delete_change_outcomes
AFTER DELETE ON flags
WHEN OLD.vote_id IS NOT NULL
BEGIN
  DELETE FROM outcomes WHERE vote_id = OLD.vote_id;
  INSERT INTO outcomes SELECT * FROM recounted_outcomes WHERE vote_id = OLD.vote_id;
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER flags_of_reply_insert_change_outcomes
AFTER INSERT ON flags
WHEN NEW.reply_id IS NOT NULL
BEGIN
  DELETE FROM outcomes WHERE vote_id IN (
    SELECT votes.id FROM slot_replies JOIN votes ON votes.battle_id = slot_replies.battle_id
    WHERE slot_replies.reply_id = NEW.reply_id
    UNION
    SELECT votes.id FROM withdrawn_replies
    JOIN withdrawn_turns ON withdrawn_turns.id = withdrawn_replies.withdrawn_turn_id
    JOIN votes ON votes.battle_id = withdrawn_turns.battle_id
    WHERE withdrawn_replies.reply_id = NEW.reply_id);
  INSERT INTO outcomes SELECT * FROM recounted_outcomes WHERE vote_id IN (
    SELECT votes.id FROM slot_replies JOIN votes ON votes.battle_id = slot_replies.battle_id
    WHERE slot_replies.reply_id = NEW.reply_id
    UNION
    SELECT votes.id FROM withdrawn_replies
    JOIN withdrawn_turns ON withdrawn_turns.id = withdrawn_replies.withdrawn_turn_id
    JOIN votes ON votes.battle_id = withdrawn_turns.battle_id
    WHERE withdrawn_replies.reply_id = NEW.reply_id);
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER flags_of_reply_delete_change_outcomes
AFTER DELETE ON flags
WHEN OLD.reply_id IS NOT NULL
BEGIN
  DELETE FROM outcomes WHERE vote_id IN (
    SELECT votes.id FROM slot_replies JOIN votes ON votes.battle_id = slot_replies.battle_id
    WHERE slot_replies.reply_id = OLD.reply_id
    UNION
    SELECT votes.id FROM withdrawn_replies
    JOIN withdrawn_turns ON withdrawn_turns.id = withdrawn_replies.withdrawn_turn_id
    JOIN votes ON votes.battle_id = withdrawn_turns.battle_id
    WHERE withdrawn_replies.reply_id = OLD.reply_id);
  INSERT INTO outcomes SELECT * FROM recounted_outcomes WHERE vote_id IN (
    SELECT votes.id FROM slot_replies JOIN votes ON votes.battle_id = slot_replies.battle_id
    WHERE slot_replies.reply_id = OLD.reply_id
    UNION
    SELECT votes.id FROM withdrawn_replies
    JOIN withdrawn_turns ON withdrawn_turns.id = withdrawn_replies.withdrawn_turn_id
    JOIN votes ON votes.battle_id = withdrawn_turns.battle_id
    WHERE withdrawn_replies.reply_id = OLD.reply_id);
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER votes_give_outcomes
AFTER INSERT ON votes
BEGIN
  DELETE FROM outcomes WHERE vote_id = NEW.id;
  INSERT INTO outcomes SELECT * FROM recounted_outcomes WHERE vote_id = NEW.id;
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER rankings_give_outcomes
AFTER INSERT ON vote_rankings
BEGIN
  DELETE FROM outcomes WHERE vote_id = NEW.vote_id;
  INSERT INTO outcomes SELECT * FROM recounted_outcomes WHERE vote_id = NEW.vote_id;
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER revisions_change_outcomes
AFTER INSERT ON vote_revisions
BEGIN
  DELETE FROM outcomes WHERE vote_id = NEW.vote_id;
  INSERT INTO outcomes SELECT * FROM recounted_outcomes WHERE vote_id = NEW.vote_id;
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER replies_keep
BEFORE UPDATE ON replies
BEGIN
  SELECT RAISE(ABORT, 'a reply is never changed');
END;

CREATE TRIGGER replies_stay
BEFORE DELETE ON replies
BEGIN
  SELECT RAISE(ABORT, 'a reply is never deleted');
END;

CREATE TRIGGER slots_keep
BEFORE UPDATE ON slots
BEGIN
  SELECT RAISE(ABORT, 'who answered is never changed');
END;

CREATE TRIGGER slots_stay
BEFORE DELETE ON slots
BEGIN
  SELECT RAISE(ABORT, 'who answered is never deleted');
END;

CREATE TRIGGER withdrawn_turns_need_a_stopped_battle
BEFORE INSERT ON withdrawn_turns
WHEN (SELECT state FROM battles WHERE id = NEW.battle_id) IS NOT 'stopped'
BEGIN
  SELECT RAISE(ABORT, 'a turn is withdrawn only from a stopped battle');
END;

CREATE TRIGGER turns_stay
BEFORE DELETE ON turns
WHEN NOT EXISTS (
  SELECT 1 FROM withdrawn_turns withdrawn
  WHERE withdrawn.battle_id = OLD.battle_id AND withdrawn.number = OLD.number
  AND withdrawn.prompt = OLD.prompt AND withdrawn.created_at = OLD.created_at)
BEGIN
  SELECT RAISE(ABORT, 'a turn is never deleted, only withdrawn');
END;

CREATE TRIGGER slot_replies_stay
BEFORE DELETE ON slot_replies
WHEN NOT EXISTS (
  SELECT 1 FROM withdrawn_turns withdrawn
  JOIN withdrawn_replies kept ON kept.withdrawn_turn_id = withdrawn.id
  WHERE withdrawn.battle_id = OLD.battle_id AND withdrawn.number = OLD.turn
  AND kept.position = OLD.position AND kept.attempt = OLD.attempt
  AND kept.reply_id = OLD.reply_id)
BEGIN
  SELECT RAISE(ABORT, 'what a slot showed is never deleted, only withdrawn');
END;

CREATE TRIGGER withdrawn_turns_stay
BEFORE DELETE ON withdrawn_turns
BEGIN
  SELECT RAISE(ABORT, 'a withdrawn turn is never deleted');
END;

CREATE TRIGGER withdrawn_replies_stay
BEFORE DELETE ON withdrawn_replies
BEGIN
  SELECT RAISE(ABORT, 'what a slot showed is never deleted');
END;

CREATE TRIGGER turns_need_the_hash_of_their_prompt
BEFORE INSERT ON turns
WHEN NEW.prompt_hash IS NULL
BEGIN
  SELECT RAISE(ABORT, 'a turn needs the hash of its prompt');
END;

CREATE TRIGGER vote_rankings_exclude_a_verdict
BEFORE INSERT ON vote_rankings
WHEN (SELECT verdict FROM votes WHERE id = NEW.vote_id) IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a vote has a verdict or a ranking, never both');
END;

CREATE TRIGGER vote_rankings_keep
BEFORE UPDATE ON vote_rankings
BEGIN
  SELECT RAISE(ABORT, 'a ranking is never changed');
END;

CREATE TRIGGER vote_rankings_stay
BEFORE DELETE ON vote_rankings
BEGIN
  SELECT RAISE(ABORT, 'a ranking is never deleted');
END;

CREATE TRIGGER vote_revisions_keep
BEFORE UPDATE ON vote_revisions
BEGIN
  SELECT RAISE(ABORT, 'a revision is never changed');
END;

CREATE TRIGGER vote_revisions_stay
BEFORE DELETE ON vote_revisions
BEGIN
  SELECT RAISE(ABORT, 'a revision is never deleted');
END;

CREATE TRIGGER votes_keep
BEFORE UPDATE OF id, battle_id, annotator_id, verdict, created_at ON votes
BEGIN
  SELECT RAISE(ABORT, 'a vote is never overwritten: add a revision');
END;

CREATE TRIGGER votes_stay
BEFORE DELETE ON votes
BEGIN
  SELECT RAISE(ABORT, 'a vote is never deleted');
END;

CREATE TRIGGER votes_count_for_addresses
AFTER INSERT ON votes
BEGIN
  INSERT INTO address_hours (address_id, hour, annotator_id, votes, first_at, last_at)
  SELECT
    address_id, substr(NEW.created_at, 1, 13), NEW.annotator_id, 1, NEW.created_at, NEW.created_at
  FROM (
    SELECT address_id FROM sessions WHERE annotator_id = NEW.annotator_id
    ORDER BY created_at DESC, rowid DESC LIMIT 1)
  WHERE address_id IS NOT NULL
  ON CONFLICT (address_id, hour, annotator_id) DO UPDATE SET
    votes = votes + 1,
    first_at = min(first_at, excluded.first_at),
    last_at = max(last_at, excluded.last_at);
END;

CREATE TRIGGER votes_need_a_complete_battle
BEFORE INSERT ON votes
WHEN (SELECT state FROM battles WHERE id = NEW.battle_id) IS NOT 'complete'
BEGIN
  SELECT RAISE(ABORT, 'a vote is accepted only on a complete battle');
END;

