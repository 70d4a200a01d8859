-- The column was added to a table with rows, so that it could not be NOT NULL.
CREATE TRIGGER turns_need_the_hash_of_their_prompt
BEFORE INSERT ON turns
WHEN NEW.prompt_hash IS NULL
BEGIN
  SELECT RAISE(ABORT, 'a turn needs the hash of its prompt');
END;
