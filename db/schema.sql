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
	created_at DATETIME NOT NULL, campaign_id INTEGER, item_hash BIGINT NOT NULL DEFAULT 0, annotator_excluded BOOLEAN NOT NULL DEFAULT 0, weight FLOAT, 
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
	created_at DATETIME NOT NULL, state TEXT CONSTRAINT fk_campaigns_state REFERENCES campaign_states (name), protocol TEXT CONSTRAINT ck_campaigns_protocol CHECK (protocol IN ('pairwise', 'all_at_once')), overlap INTEGER CONSTRAINT ck_campaigns_overlap CHECK (overlap >= 1), overlap_on_disagreement INTEGER CONSTRAINT ck_campaigns_overlap_on_disagreement CHECK (overlap_on_disagreement >= 1), 
	CONSTRAINT pk_campaigns PRIMARY KEY (id), 
	CONSTRAINT uq_campaigns_name UNIQUE (name)
);

CREATE INDEX ix_outcomes_board ON outcomes (model_id_a, model_id_b, verdict, slots, flagged, category, language, annotator_id, prompt_hash, created_at, campaign_id);

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
	expires_at DATETIME NOT NULL, key_names TEXT, 
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
	owner TEXT, purpose TEXT NOT NULL DEFAULT 'judged' CONSTRAINT fk_battles_purpose REFERENCES battle_purposes (name), recognised BOOLEAN NOT NULL DEFAULT 0, even_probability FLOAT, 
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
	created_at DATETIME NOT NULL, strength TEXT CONSTRAINT fk_votes_strength REFERENCES strengths (name) CONSTRAINT ck_votes_strength CHECK (strength IS NULL OR (verdict IS NOT NULL AND verdict IN ('a_better', 'b_better'))), 
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

CREATE TABLE strengths (
	name TEXT NOT NULL, 
	CONSTRAINT pk_strengths PRIMARY KEY (name)
)
 WITHOUT ROWID

;

CREATE TABLE battle_purposes (
	name TEXT NOT NULL, 
	CONSTRAINT pk_battle_purposes PRIMARY KEY (name)
)
 WITHOUT ROWID

;

CREATE TABLE campaign_states (
	name TEXT NOT NULL, 
	CONSTRAINT pk_campaign_states PRIMARY KEY (name)
)
 WITHOUT ROWID

;

CREATE TABLE assignment_states (
	name TEXT NOT NULL, 
	CONSTRAINT pk_assignment_states PRIMARY KEY (name)
)
 WITHOUT ROWID

;

CREATE TABLE "vote_revisions" (
	vote_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	verdict TEXT, 
	who INTEGER NOT NULL, 
	why TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	strength TEXT, 
	comment TEXT, 
	CONSTRAINT pk_vote_revisions PRIMARY KEY (vote_id, revision), 
	CONSTRAINT ck_vote_revisions_revision CHECK (revision >= 1), 
	CONSTRAINT ck_vote_revisions_strength CHECK (strength IS NULL OR (verdict IS NOT NULL AND verdict IN ('a_better', 'b_better'))), 
	CONSTRAINT fk_vote_revisions_vote_id FOREIGN KEY(vote_id) REFERENCES votes (id), 
	CONSTRAINT fk_vote_revisions_verdict FOREIGN KEY(verdict) REFERENCES verdicts (name), 
	CONSTRAINT fk_vote_revisions_who FOREIGN KEY(who) REFERENCES annotators (id), 
	CONSTRAINT fk_vote_revisions_strength FOREIGN KEY(strength) REFERENCES strengths (name)
);

CREATE TABLE vote_scores (
	vote_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	criterion TEXT NOT NULL, 
	score INTEGER NOT NULL, 
	CONSTRAINT pk_vote_scores PRIMARY KEY (vote_id, position, criterion), 
	CONSTRAINT ck_vote_scores_score CHECK (score BETWEEN 1 AND 5), 
	CONSTRAINT fk_vote_scores_vote_id FOREIGN KEY(vote_id) REFERENCES votes (id)
);

CREATE TABLE revision_rankings (
	vote_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	rank INTEGER NOT NULL, 
	CONSTRAINT pk_revision_rankings PRIMARY KEY (vote_id, revision, position), 
	CONSTRAINT ck_revision_rankings_rank CHECK (rank >= 1), 
	CONSTRAINT fk_revision_rankings_vote_id_revision FOREIGN KEY(vote_id, revision) REFERENCES vote_revisions (vote_id, revision)
);

CREATE TABLE revision_reasons (
	vote_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	CONSTRAINT pk_revision_reasons PRIMARY KEY (vote_id, revision, position, reason), 
	CONSTRAINT fk_revision_reasons_reason FOREIGN KEY(reason) REFERENCES reasons (name), 
	CONSTRAINT fk_revision_reasons_vote_id_revision FOREIGN KEY(vote_id, revision) REFERENCES vote_revisions (vote_id, revision)
);

CREATE TABLE revision_scores (
	vote_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	criterion TEXT NOT NULL, 
	score INTEGER NOT NULL, 
	CONSTRAINT pk_revision_scores PRIMARY KEY (vote_id, revision, position, criterion), 
	CONSTRAINT ck_revision_scores_score CHECK (score BETWEEN 1 AND 5), 
	CONSTRAINT fk_revision_scores_vote_id_revision FOREIGN KEY(vote_id, revision) REFERENCES vote_revisions (vote_id, revision)
);

CREATE TABLE campaign_versions (
	campaign_id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	fingerprint TEXT NOT NULL, 
	document JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_campaign_versions PRIMARY KEY (campaign_id, version), 
	CONSTRAINT ck_campaign_versions_version CHECK (version >= 1), 
	CONSTRAINT fk_campaign_versions_campaign_id FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
);

CREATE TABLE campaign_prompts (
	campaign_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	identifier TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	turns JSON NOT NULL, 
	system_prompt TEXT, 
	category TEXT, 
	language TEXT NOT NULL, 
	difficulty INTEGER, 
	notes TEXT, 
	CONSTRAINT pk_campaign_prompts PRIMARY KEY (campaign_id, number), 
	CONSTRAINT uq_campaign_prompts_campaign_id_identifier UNIQUE (campaign_id, identifier), 
	CONSTRAINT ck_campaign_prompts_number CHECK (number >= 1), 
	CONSTRAINT ck_campaign_prompts_kind CHECK (kind IN ('judged', 'check')), 
	CONSTRAINT fk_campaign_prompts_campaign_id FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
);

CREATE TABLE campaign_models (
	campaign_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	model_key TEXT NOT NULL, 
	name TEXT NOT NULL, 
	imported BOOLEAN NOT NULL, 
	CONSTRAINT pk_campaign_models PRIMARY KEY (campaign_id, position), 
	CONSTRAINT uq_campaign_models_campaign_id_model_key UNIQUE (campaign_id, model_key), 
	CONSTRAINT ck_campaign_models_position CHECK (position >= 0), 
	CONSTRAINT fk_campaign_models_campaign_id FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
);

CREATE TABLE campaign_replies (
	campaign_id INTEGER NOT NULL, 
	prompt INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	turn INTEGER NOT NULL, 
	reply_id INTEGER NOT NULL, 
	CONSTRAINT pk_campaign_replies PRIMARY KEY (campaign_id, prompt, position, turn), 
	CONSTRAINT ck_campaign_replies_turn CHECK (turn >= 1), 
	CONSTRAINT fk_campaign_replies_campaign_id_prompt FOREIGN KEY(campaign_id, prompt) REFERENCES campaign_prompts (campaign_id, number), 
	CONSTRAINT fk_campaign_replies_campaign_id_position FOREIGN KEY(campaign_id, position) REFERENCES campaign_models (campaign_id, position), 
	CONSTRAINT fk_campaign_replies_reply_id FOREIGN KEY(reply_id) REFERENCES replies (id)
);

CREATE TABLE check_replies (
	campaign_id INTEGER NOT NULL, 
	prompt INTEGER NOT NULL, 
	better_reply_id INTEGER NOT NULL, 
	worse_reply_id INTEGER NOT NULL, 
	CONSTRAINT pk_check_replies PRIMARY KEY (campaign_id, prompt), 
	CONSTRAINT fk_check_replies_campaign_id_prompt FOREIGN KEY(campaign_id, prompt) REFERENCES campaign_prompts (campaign_id, number), 
	CONSTRAINT fk_check_replies_better_reply_id FOREIGN KEY(better_reply_id) REFERENCES replies (id), 
	CONSTRAINT fk_check_replies_worse_reply_id FOREIGN KEY(worse_reply_id) REFERENCES replies (id)
);

CREATE TABLE campaign_events (
	id INTEGER NOT NULL, 
	campaign_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	kind TEXT NOT NULL, 
	who INTEGER, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_campaign_events PRIMARY KEY (id), 
	CONSTRAINT fk_campaign_events_campaign_id FOREIGN KEY(campaign_id) REFERENCES campaigns (id), 
	CONSTRAINT fk_campaign_events_who FOREIGN KEY(who) REFERENCES annotators (id)
);

CREATE TABLE campaign_members (
	campaign_id INTEGER NOT NULL, 
	annotator_id INTEGER NOT NULL, 
	joined_at DATETIME NOT NULL, 
	consented_at DATETIME, 
	finished_at DATETIME, 
	external_id TEXT, 
	study TEXT, 
	session TEXT, 
	CONSTRAINT pk_campaign_members PRIMARY KEY (campaign_id, annotator_id), 
	CONSTRAINT fk_campaign_members_campaign_id FOREIGN KEY(campaign_id) REFERENCES campaigns (id), 
	CONSTRAINT fk_campaign_members_annotator_id FOREIGN KEY(annotator_id) REFERENCES annotators (id)
);

CREATE TABLE campaign_answers (
	campaign_id INTEGER NOT NULL, 
	annotator_id INTEGER NOT NULL, 
	question TEXT NOT NULL, 
	answer TEXT NOT NULL, 
	answered_at DATETIME NOT NULL, 
	CONSTRAINT pk_campaign_answers PRIMARY KEY (campaign_id, annotator_id, question), 
	CONSTRAINT fk_campaign_answers_campaign_id_annotator_id FOREIGN KEY(campaign_id, annotator_id) REFERENCES campaign_members (campaign_id, annotator_id)
);

CREATE TABLE invitations (
	token_hash TEXT NOT NULL, 
	annotator_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME, 
	revoked_at DATETIME, 
	last_used_at DATETIME, 
	CONSTRAINT pk_invitations PRIMARY KEY (token_hash), 
	CONSTRAINT fk_invitations_annotator_id FOREIGN KEY(annotator_id) REFERENCES annotators (id)
);

CREATE TABLE items (
	id INTEGER NOT NULL, 
	campaign_id INTEGER NOT NULL, 
	prompt INTEGER NOT NULL, 
	models TEXT NOT NULL, 
	taken INTEGER DEFAULT 0 NOT NULL, disputed BOOLEAN NOT NULL DEFAULT 0, 
	CONSTRAINT pk_items PRIMARY KEY (id), 
	CONSTRAINT uq_items_campaign_id_prompt_models UNIQUE (campaign_id, prompt, models), 
	CONSTRAINT ck_items_taken CHECK (taken >= 0), 
	CONSTRAINT fk_items_campaign_id_prompt FOREIGN KEY(campaign_id, prompt) REFERENCES campaign_prompts (campaign_id, number)
);

CREATE TABLE assignments (
	id TEXT NOT NULL, 
	item_id INTEGER NOT NULL, 
	annotator_id INTEGER NOT NULL, 
	repeat_of TEXT, 
	ordering TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reserved_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	opened_at DATETIME, 
	judged_at DATETIME, 
	battle_id TEXT, 
	skip_reason TEXT, 
	visible_s FLOAT, 
	scroll_depth FLOAT, scroll_depths TEXT, 
	CONSTRAINT pk_assignments PRIMARY KEY (id), 
	CONSTRAINT uq_assignments_battle_id UNIQUE (battle_id), 
	CONSTRAINT ck_assignments_scroll_depth CHECK (scroll_depth BETWEEN 0 AND 1), 
	CONSTRAINT ck_assignments_judged_at CHECK ((state = 'judged') = (judged_at IS NOT NULL)), 
	CONSTRAINT fk_assignments_item_id FOREIGN KEY(item_id) REFERENCES items (id), 
	CONSTRAINT fk_assignments_annotator_id FOREIGN KEY(annotator_id) REFERENCES annotators (id), 
	CONSTRAINT fk_assignments_repeat_of FOREIGN KEY(repeat_of) REFERENCES assignments (id), 
	CONSTRAINT fk_assignments_state FOREIGN KEY(state) REFERENCES assignment_states (name), 
	CONSTRAINT fk_assignments_battle_id FOREIGN KEY(battle_id) REFERENCES battles (id)
);

CREATE TABLE slot_counts (
	campaign_id INTEGER NOT NULL, 
	models TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	slot INTEGER NOT NULL, 
	taken INTEGER NOT NULL, 
	CONSTRAINT pk_slot_counts PRIMARY KEY (campaign_id, models, position, slot), 
	CONSTRAINT fk_slot_counts_campaign_id FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
)
 WITHOUT ROWID

;

CREATE INDEX ix_campaign_replies_reply_id ON campaign_replies (reply_id);

CREATE INDEX ix_campaign_members_annotator_id ON campaign_members (annotator_id);

CREATE UNIQUE INDEX uq_campaign_members_campaign_id_external_id ON campaign_members (campaign_id, external_id) WHERE external_id IS NOT NULL;

CREATE INDEX ix_campaign_events_campaign_id ON campaign_events (campaign_id);

CREATE INDEX ix_invitations_annotator_id ON invitations (annotator_id);

CREATE INDEX ix_items_checks ON items (campaign_id) WHERE models = '';

CREATE INDEX ix_assignments_annotator_id_state ON assignments (annotator_id, state);

CREATE UNIQUE INDEX uq_assignments_item_id_annotator_id ON assignments (item_id, annotator_id) WHERE repeat_of IS NULL AND state <> 'expired';

CREATE UNIQUE INDEX uq_assignments_repeat_of ON assignments (repeat_of) WHERE repeat_of IS NOT NULL AND state <> 'expired';

CREATE INDEX ix_assignments_reserved ON assignments (expires_at) WHERE state = 'reserved';

CREATE TABLE exclusions (
	id INTEGER NOT NULL, 
	campaign_id INTEGER NOT NULL, 
	annotator_id INTEGER NOT NULL, 
	excluded BOOLEAN NOT NULL, 
	reason TEXT NOT NULL, 
	who INTEGER, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_exclusions PRIMARY KEY (id), 
	CONSTRAINT fk_exclusions_campaign_id FOREIGN KEY(campaign_id) REFERENCES campaigns (id), 
	CONSTRAINT fk_exclusions_annotator_id FOREIGN KEY(annotator_id) REFERENCES annotators (id), 
	CONSTRAINT fk_exclusions_who FOREIGN KEY(who) REFERENCES annotators (id)
);

CREATE INDEX ix_exclusions_campaign_id_annotator_id ON exclusions (campaign_id, annotator_id);

CREATE INDEX ix_outcomes_flagged ON outcomes (model_id_a, model_id_b, slots, recognised, identity_leak, truncated, annotator_excluded, flagged, category, language, annotator_id, created_at, campaign_id) WHERE flagged = 1;

CREATE INDEX ix_items_campaign_id_taken ON items (campaign_id, taken, models, disputed);

CREATE TABLE reply_styles (
	reply_id INTEGER NOT NULL, 
	characters INTEGER NOT NULL, 
	tokens INTEGER NOT NULL, 
	headings INTEGER NOT NULL, 
	lists INTEGER NOT NULL, 
	bold INTEGER NOT NULL, 
	code INTEGER NOT NULL, 
	emoji INTEGER NOT NULL, 
	CONSTRAINT pk_reply_styles PRIMARY KEY (reply_id), 
	CONSTRAINT fk_reply_styles_reply_id FOREIGN KEY(reply_id) REFERENCES replies (id)
);

CREATE TABLE vote_chain (
	number INTEGER NOT NULL, 
	vote_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	digest BLOB NOT NULL, 
	CONSTRAINT pk_vote_chain PRIMARY KEY (number), 
	CONSTRAINT ck_vote_chain_ck_vote_chain_number CHECK (number >= 1)
);

CREATE INDEX ix_outcomes_weighted ON outcomes (model_id_a, model_id_b, verdict, flagged, category, language, annotator_id, created_at, campaign_id, weight) WHERE weight IS NOT NULL;

CREATE TABLE board_snapshots (
	number INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	who INTEGER, 
	limits JSON NOT NULL, 
	votes INTEGER NOT NULL, 
	models INTEGER NOT NULL, 
	fingerprint TEXT NOT NULL, 
	document TEXT NOT NULL, 
	CONSTRAINT pk_board_snapshots PRIMARY KEY (number), 
	CONSTRAINT fk_board_snapshots_who FOREIGN KEY(who) REFERENCES annotators (id), 
	CONSTRAINT ck_board_snapshots_ck_board_snapshots_number CHECK (number >= 1)
);

CREATE INDEX ix_votes_created_at ON votes (created_at);

CREATE INDEX ix_battles_created_at ON battles (created_at);

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

CREATE VIEW rankings_in_force AS
SELECT
  cast_rank.vote_id,
  cast_rank.position,
  COALESCE(
    (SELECT revised.rank FROM revision_rankings revised
     WHERE revised.vote_id = cast_rank.vote_id AND revised.position = cast_rank.position
     ORDER BY revised.revision DESC LIMIT 1),
    cast_rank.rank) AS rank
FROM vote_rankings cast_rank;

CREATE VIEW recounted_outcomes AS
SELECT
  vote_id, position_a, position_b, model_id_a, model_id_b, verdict, slots,
  (recognised OR identity_leak OR truncated OR annotator_excluded) AS flagged,
  recognised, identity_leak, truncated, category, language, annotator_id, prompt_hash, created_at,
  campaign_id, item_hash, annotator_excluded, weight
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
    ) AS item_hash,
    COALESCE(
      (SELECT newest.excluded FROM exclusions newest
       WHERE newest.campaign_id = battles.campaign_id
       AND newest.annotator_id = votes.annotator_id
       ORDER BY newest.id DESC LIMIT 1),
      FALSE
    ) AS annotator_excluded,
    battles.even_probability / battles.pair_probability AS weight
  FROM votes
  JOIN battles ON battles.id = votes.battle_id
  JOIN slots a ON a.battle_id = votes.battle_id
  JOIN slots b ON b.battle_id = votes.battle_id AND b.position > a.position
  LEFT JOIN turns opening ON opening.battle_id = votes.battle_id AND opening.number = 1
  LEFT JOIN rankings_in_force rank_a ON rank_a.vote_id = votes.id AND rank_a.position = a.position
  LEFT JOIN rankings_in_force rank_b ON rank_b.vote_id = votes.id AND rank_b.position = b.position
  WHERE battles.purpose = 'judged'
) AS derived
WHERE verdict IS NOT NULL;

CREATE TRIGGER assignments_keep
BEFORE UPDATE OF id, item_id, annotator_id, repeat_of, ordering, reserved_at ON assignments
BEGIN
  SELECT RAISE(ABORT, 'what was assigned is never changed');
END;

CREATE TRIGGER assignments_end_once
BEFORE UPDATE OF state ON assignments
WHEN OLD.state <> 'reserved'
BEGIN
  SELECT RAISE(ABORT, 'an assignment ends once');
END;

CREATE TRIGGER assignments_stay
BEFORE DELETE ON assignments
BEGIN
  SELECT RAISE(ABORT, 'an assignment is never deleted');
END;

CREATE TRIGGER items_keep
BEFORE UPDATE OF id, campaign_id, prompt, models ON items
BEGIN
  SELECT RAISE(ABORT, 'an item is never changed');
END;

CREATE TRIGGER items_stay
BEFORE DELETE ON items
BEGIN
  SELECT RAISE(ABORT, 'an item is never deleted');
END;

CREATE TRIGGER battles_keep_their_campaign
BEFORE UPDATE OF campaign_id ON battles
WHEN OLD.campaign_id IS NOT NEW.campaign_id
BEGIN
  SELECT RAISE(ABORT, 'a battle never changes its campaign');
END;

CREATE TRIGGER battles_keep_their_purpose
BEFORE UPDATE OF purpose ON battles
WHEN OLD.purpose <> NEW.purpose
BEGIN
  SELECT RAISE(ABORT, 'a battle never changes its purpose');
END;

CREATE TRIGGER battles_keep_their_draw
BEFORE UPDATE OF pair_probability, even_probability ON battles
WHEN OLD.pair_probability IS NOT NEW.pair_probability
OR OLD.even_probability IS NOT NEW.even_probability
BEGIN
  SELECT RAISE(ABORT, 'the probabilities of a draw never change');
END;

CREATE TRIGGER board_snapshots_are_numbered
BEFORE INSERT ON board_snapshots
WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM board_snapshots)
BEGIN
  SELECT RAISE(ABORT, 'a snapshot has the number after that of the one before');
END;

CREATE TRIGGER board_snapshots_keep
BEFORE UPDATE ON board_snapshots
BEGIN
  SELECT RAISE(ABORT, 'a snapshot of a board is never changed');
END;

CREATE TRIGGER board_snapshots_stay
BEFORE DELETE ON board_snapshots
BEGIN
  SELECT RAISE(ABORT, 'a snapshot of a board is never deleted');
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

CREATE TRIGGER answers_change_boards
AFTER UPDATE OF answer ON campaign_answers
BEGIN
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER new_answers_change_boards
AFTER INSERT ON campaign_answers
BEGIN
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER campaign_files_change_boards
AFTER INSERT ON campaign_versions
BEGIN
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER campaign_replies_come_before_opening
BEFORE INSERT ON campaign_replies
WHEN (SELECT state FROM campaigns WHERE id = NEW.campaign_id) IS NOT 'created'
BEGIN
  SELECT RAISE(ABORT, 'replies are chosen before a campaign is opened');
END;

CREATE TRIGGER campaign_replies_keep
BEFORE UPDATE ON campaign_replies
WHEN (SELECT state FROM campaigns WHERE id = OLD.campaign_id) IS NOT 'created'
BEGIN
  SELECT RAISE(ABORT, 'replies are chosen before a campaign is opened');
END;

CREATE TRIGGER campaign_replies_stay
BEFORE DELETE ON campaign_replies
WHEN (SELECT state FROM campaigns WHERE id = OLD.campaign_id) IS NOT 'created'
BEGIN
  SELECT RAISE(ABORT, 'replies are chosen before a campaign is opened');
END;

CREATE TRIGGER campaigns_are_created_once
BEFORE UPDATE OF state, protocol ON campaigns
WHEN OLD.state IS NOT NULL AND (
  NEW.state IS NULL OR NEW.state = 'created' AND OLD.state <> 'created'
  OR NEW.protocol IS NOT OLD.protocol)
BEGIN
  SELECT RAISE(ABORT, 'a campaign that was opened stays so, and keeps its protocol');
END;

CREATE TRIGGER campaign_versions_keep
BEFORE UPDATE ON campaign_versions
BEGIN
  SELECT RAISE(ABORT, 'a version is never changed: add another');
END;

CREATE TRIGGER campaign_versions_stay
BEFORE DELETE ON campaign_versions
BEGIN
  SELECT RAISE(ABORT, 'a version is never deleted');
END;

CREATE TRIGGER campaign_prompts_keep
BEFORE UPDATE ON campaign_prompts
BEGIN
  SELECT RAISE(ABORT, 'a prompt of a campaign is never changed');
END;

CREATE TRIGGER campaign_prompts_stay
BEFORE DELETE ON campaign_prompts
BEGIN
  SELECT RAISE(ABORT, 'a prompt of a campaign is never deleted');
END;

CREATE TRIGGER campaign_models_keep
BEFORE UPDATE ON campaign_models
BEGIN
  SELECT RAISE(ABORT, 'a model of a campaign is never changed');
END;

CREATE TRIGGER campaign_models_stay
BEFORE DELETE ON campaign_models
BEGIN
  SELECT RAISE(ABORT, 'a model of a campaign is never deleted');
END;

CREATE TRIGGER check_replies_keep
BEFORE UPDATE ON check_replies
BEGIN
  SELECT RAISE(ABORT, 'a check item is never changed');
END;

CREATE TRIGGER check_replies_stay
BEFORE DELETE ON check_replies
BEGIN
  SELECT RAISE(ABORT, 'a check item is never deleted');
END;

CREATE TRIGGER campaign_events_keep
BEFORE UPDATE ON campaign_events
BEGIN
  SELECT RAISE(ABORT, 'what happened is never changed');
END;

CREATE TRIGGER campaign_events_stay
BEFORE DELETE ON campaign_events
BEGIN
  SELECT RAISE(ABORT, 'what happened is never deleted');
END;

CREATE TRIGGER items_have_a_limit
BEFORE UPDATE OF taken ON items
WHEN NEW.models <> '' AND NEW.taken > OLD.taken
AND NEW.taken > (
  SELECT CASE WHEN NEW.disputed THEN MAX(overlap, COALESCE(overlap_on_disagreement, 0))
  ELSE overlap END
  FROM campaigns WHERE id = NEW.campaign_id)
BEGIN
  SELECT RAISE(ABORT, 'an item is assigned to no more annotators than the overlap');
END;

CREATE TRIGGER assignments_take_a_place
AFTER INSERT ON assignments
WHEN NEW.repeat_of IS NULL AND NEW.state IN ('reserved', 'judged')
BEGIN
  UPDATE items SET taken = taken + 1 WHERE id = NEW.item_id;
  INSERT INTO slot_counts (campaign_id, models, position, slot, taken)
  SELECT items.campaign_id, items.models, shown.value, shown.key, 1
  FROM items, json_each('[' || replace(NEW.ordering, ' ', ',') || ']') shown
  WHERE items.id = NEW.item_id
  ON CONFLICT (campaign_id, models, position, slot) DO UPDATE SET taken = taken + 1;
END;

CREATE TRIGGER assignments_give_their_place_back
AFTER UPDATE OF state ON assignments
WHEN NEW.repeat_of IS NULL AND OLD.state = 'reserved' AND NEW.state IN ('skipped', 'expired')
BEGIN
  UPDATE items SET taken = taken - 1 WHERE id = NEW.item_id;
  UPDATE slot_counts SET taken = taken - 1
  WHERE (campaign_id, models) = (SELECT campaign_id, models FROM items WHERE id = NEW.item_id)
  AND (position, slot) IN (
    SELECT shown.value, shown.key
    FROM json_each('[' || replace(NEW.ordering, ' ', ',') || ']') shown);
END;

CREATE TRIGGER exclusions_change_outcomes
AFTER INSERT ON exclusions
BEGIN
  DELETE FROM outcomes WHERE vote_id IN (
    SELECT votes.id FROM votes JOIN battles ON battles.id = votes.battle_id
    WHERE votes.annotator_id = NEW.annotator_id AND battles.campaign_id = NEW.campaign_id);
  INSERT INTO outcomes SELECT * FROM recounted_outcomes WHERE vote_id IN (
    SELECT votes.id FROM votes JOIN battles ON battles.id = votes.battle_id
    WHERE votes.annotator_id = NEW.annotator_id AND battles.campaign_id = NEW.campaign_id);
  UPDATE board_version SET number = number + 1;
END;

CREATE TRIGGER exclusions_keep
BEFORE UPDATE ON exclusions
BEGIN
  SELECT RAISE(ABORT, 'an exclusion is never changed: add its end');
END;

CREATE TRIGGER exclusions_stay
BEFORE DELETE ON exclusions
BEGIN
  SELECT RAISE(ABORT, 'an exclusion is never deleted: add its end');
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

CREATE TRIGGER revised_rankings_change_outcomes
AFTER INSERT ON revision_rankings
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

CREATE TRIGGER vote_chain_keeps
BEFORE UPDATE ON vote_chain
BEGIN
  SELECT RAISE(ABORT, 'the chain of votes is never changed');
END;

CREATE TRIGGER vote_chain_stays
BEFORE DELETE ON vote_chain
BEGIN
  SELECT RAISE(ABORT, 'the chain of votes is never shortened');
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

CREATE TRIGGER vote_revisions_are_of_the_same_kind
BEFORE INSERT ON vote_revisions
WHEN (NEW.verdict IS NULL) <> (SELECT verdict IS NULL FROM votes WHERE id = NEW.vote_id)
BEGIN
  SELECT RAISE(ABORT, 'a verdict is revised by a verdict, and a ranking by a ranking');
END;

CREATE TRIGGER revised_rankings_are_of_rankings
BEFORE INSERT ON revision_rankings
WHEN (SELECT verdict FROM votes WHERE id = NEW.vote_id) IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a verdict is revised by a verdict, and a ranking by a ranking');
END;

CREATE TRIGGER vote_revisions_keep
BEFORE UPDATE OF vote_id, revision, verdict, who, why, at, strength ON vote_revisions
BEGIN
  SELECT RAISE(ABORT, 'a revision is never changed');
END;

CREATE TRIGGER vote_revisions_stay
BEFORE DELETE ON vote_revisions
BEGIN
  SELECT RAISE(ABORT, 'a revision is never deleted');
END;

CREATE TRIGGER revision_rankings_keep
BEFORE UPDATE ON revision_rankings
BEGIN
  SELECT RAISE(ABORT, 'a revision is never changed');
END;

CREATE TRIGGER revision_rankings_stay
BEFORE DELETE ON revision_rankings
BEGIN
  SELECT RAISE(ABORT, 'a revision is never deleted');
END;

CREATE TRIGGER revision_reasons_keep
BEFORE UPDATE ON revision_reasons
BEGIN
  SELECT RAISE(ABORT, 'a revision is never changed');
END;

CREATE TRIGGER revision_reasons_stay
BEFORE DELETE ON revision_reasons
BEGIN
  SELECT RAISE(ABORT, 'a revision is never deleted');
END;

CREATE TRIGGER revision_scores_keep
BEFORE UPDATE ON revision_scores
BEGIN
  SELECT RAISE(ABORT, 'a revision is never changed');
END;

CREATE TRIGGER revision_scores_stay
BEFORE DELETE ON revision_scores
BEGIN
  SELECT RAISE(ABORT, 'a revision is never deleted');
END;

CREATE TRIGGER votes_keep
BEFORE UPDATE OF id, battle_id, annotator_id, verdict, created_at, strength ON votes
BEGIN
  SELECT RAISE(ABORT, 'a vote is never overwritten: add a revision');
END;

CREATE TRIGGER votes_stay
BEFORE DELETE ON votes
BEGIN
  SELECT RAISE(ABORT, 'a vote is never deleted');
END;

CREATE TRIGGER vote_scores_keep
BEFORE UPDATE ON vote_scores
BEGIN
  SELECT RAISE(ABORT, 'a score is never changed: add a revision');
END;

CREATE TRIGGER vote_scores_stay
BEFORE DELETE ON vote_scores
BEGIN
  SELECT RAISE(ABORT, 'a score is never deleted');
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

