"""Coding: short functions, predicted output, terms, SQL, shell and bug fixes."""

from demo_models.exchange import Draw, Exchange, Family
from demo_models.families.words import ANIMALS_AND_COLORS, THINGS_TO_SPELL
from demo_models.tables import Table

_TABLE = Table.read("coding")
_FUNCTIONS = _TABLE.lists("functions")
_TERMS = _TABLE.texts("terms")
_TABLES = _TABLE.lists("tables")
_NUMERIC = _TABLE.words("numeric_columns")
_SHELL = _TABLE.texts("shell")


def python_function(draw: Draw) -> Exchange:
    forms = _TABLE.words("function_forms")
    task, form = draw.pick(tuple(_FUNCTIONS)), draw.index(forms)
    draw.claim("python", task, form)
    name, arguments, body = _FUNCTIONS[task]
    reply = f"```python\ndef {name}({arguments}):\n{body}\n```"
    return Exchange(forms[form].format(task=task), reply)


def program_output(draw: Draw) -> Exchange:
    code, output = draw.pick(
        (_sum_program, _loop_program, _length_program, _upper_program, _max_program)
    )(draw)
    draw.claim("output", code)
    prompt = draw.pick(_TABLE.words("output_forms")).format(code=code)
    return Exchange(prompt, f"It prints:\n```\n{output}\n```")


def _sum_program(draw: Draw) -> tuple[str, str]:
    a, b = draw.between(1, 20), draw.between(1, 20)
    if draw.chance(0.5):
        return f"print({a} + {b})", str(a + b)
    return f"print({a} - {b})", str(a - b)


def _loop_program(draw: Draw) -> tuple[str, str]:
    start, count = draw.between(0, 4), draw.between(2, 6)
    numbers = range(start, start + count)
    return f"for i in range({start}, {start + count}):\n    print(i)", "\n".join(map(str, numbers))


def _length_program(draw: Draw) -> tuple[str, str]:
    word = draw.pick(THINGS_TO_SPELL)
    return f'print(len("{word}"))', str(len(word))


def _upper_program(draw: Draw) -> tuple[str, str]:
    word = draw.pick(THINGS_TO_SPELL)
    return f'print("{word}".upper())', word.upper()


def _max_program(draw: Draw) -> tuple[str, str]:
    a, b = draw.between(1, 20), draw.between(1, 20)
    return f"x = {a}\ny = {b}\nprint(max(x, y))", str(max(a, b))


def term(draw: Draw) -> Exchange:
    forms = _TABLE.words("term_forms")
    word, form = draw.pick(tuple(_TERMS)), draw.index(forms)
    draw.claim("term", word, forms[form].lower())
    return Exchange(forms[form].format(term=word), _TERMS[word])


def sql(draw: Draw) -> Exchange:
    table = draw.pick(tuple(_TABLES))
    columns = _TABLES[table]
    slots = {
        "table": table,
        "column": draw.pick(columns),
        "number": draw.pick([column for column in columns if column in _NUMERIC]),
        "value": draw.pick(_TABLE.numbers("sql_values")),
    }
    task, query = (text.format(**slots) for text in draw.pick(_TABLE.rows("sql_tasks")))
    draw.claim("sql", task)
    return Exchange(draw.pick(_TABLE.words("sql_forms")).format(task=task), f"```sql\n{query}\n```")


def shell_command(draw: Draw) -> Exchange:
    forms = _TABLE.words("shell_forms")
    pattern, form = draw.pick(tuple(_SHELL)), draw.index(forms)
    x, y = draw.pair(_TABLE.words("file_names"))
    task, command = pattern.format(x=x, y=y), _SHELL[pattern].format(x=x, y=y)
    draw.claim("shell", task, form)
    return Exchange(forms[form].format(task=task), f"Use this command:\n```bash\n{command}\n```")


def bug_fix(draw: Draw) -> Exchange:
    name, word = draw.pick(_TABLE.words("bug_names")), draw.pick(ANIMALS_AND_COLORS)
    faulty, correct, reason = draw.pick(_TABLE.rows("bugs"))
    code = faulty.format(name=name, word=word)
    draw.claim("bug", code)
    fixed = correct.format(name=name, word=word)
    prompt = draw.pick(_TABLE.words("bug_forms")).format(code=code)
    return Exchange(prompt, f"{reason}\n```python\n{fixed}\n```")


FAMILIES: tuple[tuple[Family, float], ...] = (
    (python_function, 1.2),
    (program_output, 1.0),
    (term, 1.0),
    (sql, 1.0),
    (shell_command, 1.0),
    (bug_fix, 0.8),
)
