-- Who was asked what, and in which order, is never changed; a reservation ends once.
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
