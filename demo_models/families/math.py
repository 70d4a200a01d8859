"""Math: the four operations, word problems, percentages, comparisons, areas and equations."""

from demo_models.exchange import Draw, Exchange, Family
from demo_models.families.words import NAMES
from demo_models.tables import Table

_TABLE = Table.read("math")
_STORIES = _TABLE.lists("stories")


def addition(draw: Draw) -> Exchange:
    """Draw a sum, or a difference that is not negative."""
    limit = draw.rng.choices((9, 20, 100), (0.3, 0.25, 0.45))[0]
    a, b = draw.between(0, limit), draw.between(0, limit)
    sign, word = draw.pick((("+", "plus"), ("-", "minus")))
    if sign == "-":
        a, b = max(a, b), min(a, b)
    draw.claim("addition", a, b)
    result = a + b if sign == "+" else a - b
    prompt = draw.pick(_TABLE.words("sum_forms")).format(a=a, b=b, sign=sign, word=word)
    return Exchange(prompt, f"{a} {sign} {b} = {result}")


def multiplication(draw: Draw) -> Exchange:
    a, b = draw.between(0, 12), draw.between(0, 12)
    if draw.chance(0.2):
        a, b = draw.between(2, 9), draw.between(11, 30)
    if draw.chance(0.5):
        a, b = b, a
    draw.claim("multiplication", a, b)
    prompt = draw.pick(_TABLE.words("product_forms")).format(a=a, b=b)
    return Exchange(prompt, f"{a} * {b} = {a * b}")


def division(draw: Draw) -> Exchange:
    b, result = draw.between(1, 12), draw.between(1, 12)
    a = b * result
    draw.claim("division", a, b)
    prompt = draw.pick(_TABLE.words("quotient_forms")).format(a=a, b=b)
    return Exchange(prompt, f"{a} / {b} = {result}")


def word_problem(draw: Draw) -> Exchange:
    operation = draw.pick(tuple(_STORIES))
    a, b, result = _operands(draw, operation)
    draw.claim("word problem", operation, a, b)
    name, friend = draw.pair(NAMES)
    things = draw.pick(_TABLE.words("things"))
    slots = {"name": name, "friend": friend, "things": things, "a": a, "b": b, "result": result}
    question, answer = _STORIES[operation]
    return Exchange(question.format(**slots), answer.format(**slots))


def _operands(draw: Draw, operation: str) -> tuple[int, int, int]:
    """First operand, second operand, result."""
    if operation == "add":
        a, b = draw.between(2, 40), draw.between(2, 40)
        return a, b, a + b
    if operation == "subtract":
        b, result = draw.between(1, 20), draw.between(1, 30)
        return b + result, b, result
    a, b = draw.between(2, 10), draw.between(2, 10)
    return (a, b, a * b) if operation == "multiply" else (a * b, b, a)


def percentage(draw: Draw) -> Exchange:
    p, x = draw.pick((5, 10, 20, 25, 50, 75)), draw.pick(range(20, 420, 20))
    draw.claim("percentage", p, x)
    prompt = draw.pick(_TABLE.words("percent_forms")).format(p=p, x=x)
    return Exchange(prompt, f"{p}% of {x} is {p * x // 100}.")


def larger(draw: Draw) -> Exchange:
    a, b = draw.pair(range(draw.pick((10, 20, 100))))
    draw.claim("larger", a, b)
    prompt = draw.pick(_TABLE.words("larger_forms")).format(a=a, b=b)
    return Exchange(prompt, f"{max(a, b)} is larger than {min(a, b)}.")


def sorting(draw: Draw) -> Exchange:
    numbers = draw.rng.sample(range(draw.pick((10, 20, 100))), draw.between(3, 5))
    draw.claim("sorting", *numbers)
    listed = ", ".join(map(str, numbers))
    if draw.chance(0.5):
        prompt = draw.pick(_TABLE.words("sort_forms")).format(numbers=listed)
        return Exchange(prompt, ", ".join(map(str, sorted(numbers))))
    prompt = draw.pick(_TABLE.words("maximum_forms")).format(numbers=listed)
    return Exchange(prompt, f"The largest number is {max(numbers)}.")


def geometry(draw: Draw) -> Exchange:
    a, b = draw.between(2, 12), draw.between(2, 12)
    shape = draw.pick(("area", "perimeter", "square"))
    draw.claim("geometry", shape, a, "" if shape == "square" else b)
    if shape == "area":
        question = f"What is the area of a rectangle with sides {a} and {b}?"
        return Exchange(question, f"The area is {a} * {b} = {a * b}.")
    if shape == "perimeter":
        question = f"What is the perimeter of a rectangle with sides {a} and {b}?"
        return Exchange(question, f"The perimeter is 2 * ({a} + {b}) = {2 * (a + b)}.")
    question = f"What is the area of a square with side {a}?"
    return Exchange(question, f"The area is {a} * {a} = {a * a}.")


def equation(draw: Draw) -> Exchange:
    if draw.chance(0.5):
        x, b = draw.between(0, 20), draw.between(1, 20)
        asked, solution = f"x + {b} = {x + b}", f"x = {x + b} - {b} = {x}"
    else:
        x, b = draw.between(1, 10), draw.between(2, 9)
        asked, solution = f"{b}x = {b * x}", f"x = {b * x} / {b} = {x}"
    draw.claim("equation", asked)
    return Exchange(draw.pick(_TABLE.words("solve_forms")).format(equation=asked), solution)


FAMILIES: tuple[tuple[Family, float], ...] = (
    (addition, 2.0),
    (multiplication, 1.2),
    (division, 1.0),
    (word_problem, 1.2),
    (percentage, 1.0),
    (larger, 0.5),
    (sorting, 0.8),
    (geometry, 0.8),
    (equation, 1.0),
)
