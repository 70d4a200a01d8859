-- Kept boards are out of date when the number has grown. Triggers on votes and flags make it grow too.
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
