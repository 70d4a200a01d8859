-- A vote on answers that still grow, or on a closed battle, is no vote on what was shown.
CREATE TRIGGER votes_need_a_complete_battle
BEFORE INSERT ON votes
WHEN (SELECT state FROM battles WHERE id = NEW.battle_id) IS NOT 'complete'
BEGIN
  SELECT RAISE(ABORT, 'a vote is accepted only on a complete battle');
END;
