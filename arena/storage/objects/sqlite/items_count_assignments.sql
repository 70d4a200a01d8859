-- How many annotators have an item, and how often each model stood in each slot, is counted here so
-- that no path of the code can take more than the overlap. A check item has no models: every
-- annotator gets it. `ordering` becomes a JSON array, whose keys are the slots.
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
