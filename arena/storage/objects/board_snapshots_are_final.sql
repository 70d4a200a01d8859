-- A board that was frozen may be cited: it stays as it is, under numbers without gaps.
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
