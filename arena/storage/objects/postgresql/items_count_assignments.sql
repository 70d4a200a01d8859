-- As in the folder of SQLite; `ordering` becomes rows, which are numbered from 1.
CREATE TRIGGER items_have_a_limit
BEFORE UPDATE OF taken ON items
WHEN NEW.models <> '' AND NEW.taken > OLD.taken
AND NEW.taken > (
  SELECT CASE WHEN NEW.disputed THEN GREATEST(overlap, COALESCE(overlap_on_disagreement, 0))
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
  SELECT items.campaign_id, items.models, CAST(shown.position AS integer), shown.number - 1, 1
  FROM items, string_to_table(NULLIF(NEW.ordering, ''), ' ') WITH ORDINALITY shown (position, number)
  WHERE items.id = NEW.item_id
  ON CONFLICT (campaign_id, models, position, slot)
  DO UPDATE SET taken = slot_counts.taken + 1;
END;

CREATE TRIGGER assignments_give_their_place_back
AFTER UPDATE OF state ON assignments
WHEN NEW.repeat_of IS NULL AND OLD.state = 'reserved' AND NEW.state IN ('skipped', 'expired')
BEGIN
  UPDATE items SET taken = taken - 1 WHERE id = NEW.item_id;
  UPDATE slot_counts SET taken = taken - 1
  WHERE (campaign_id, models) = (SELECT campaign_id, models FROM items WHERE id = NEW.item_id)
  AND (position, slot) IN (
    SELECT CAST(shown.position AS integer), shown.number - 1
    FROM string_to_table(NULLIF(NEW.ordering, ''), ' ') WITH ORDINALITY shown (position, number));
END;
