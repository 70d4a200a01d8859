-- As votes do: a flag that comes or goes makes the outcomes of its vote anew, a flag on a reply those
-- of every vote on a battle that showed the reply.
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
