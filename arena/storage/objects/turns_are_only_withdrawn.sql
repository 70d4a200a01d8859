-- A conversation loses nothing without a trace, and nothing at all after the vote: a turn and the
-- places of its replies go only when they are already among the withdrawn ones.
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
