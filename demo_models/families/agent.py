"""Agent: requests that are answered with a tool call or a record in JSON, and plans in steps."""

import json

from demo_models.exchange import Draw, Exchange, Family
from demo_models.families.words import CITIES, DAYS, JOBS, NAMES, numbered, numeral
from demo_models.tables import Table

_TABLE = Table.read("agent")
_PLANS = _TABLE.lists("plans")


def _call(tool: str, **arguments: str | int) -> str:
    return json.dumps({"tool": tool, "args": arguments}, ensure_ascii=False)


def weather(draw: Draw) -> Exchange:
    city, day = draw.pick(CITIES), draw.pick(("today", "tomorrow", *DAYS))
    draw.claim("weather", city, day)
    when = f"on {day}" if day in DAYS else day
    prompt = draw.pick(_TABLE.words("weather_forms")).format(city=city, when=when)
    return Exchange(prompt, _call("get_weather", city=city, day=day.lower()))


def timer(draw: Draw) -> Exchange:
    minutes = draw.between(1, 59)
    draw.claim("timer", minutes)
    prompt = draw.pick(_TABLE.words("timer_forms")).format(n=minutes)
    return Exchange(prompt, _call("set_timer", minutes=minutes))


def alarm(draw: Draw) -> Exchange:
    time = f"{draw.between(5, 11)}:{draw.pick(('00', '15', '30', '45'))}"
    draw.claim("alarm", time)
    return Exchange(
        draw.pick(_TABLE.words("alarm_forms")).format(time=time), _call("set_alarm", time=time)
    )


def reminder(draw: Draw) -> Exchange:
    chore, day = draw.pick(_TABLE.words("chores")), draw.pick(DAYS)
    draw.claim("reminder", chore, day)
    prompt = draw.pick(_TABLE.words("reminder_forms")).format(chore=chore, day=day)
    return Exchange(prompt, _call("add_reminder", text=chore, day=day.lower()))


def message(draw: Draw) -> Exchange:
    name, text = draw.pick(NAMES), draw.pick(_TABLE.words("messages"))
    draw.claim("message", name, text)
    prompt = draw.pick(_TABLE.words("message_forms")).format(name=name, text=text)
    return Exchange(prompt, _call("send_message", to=name, text=text))


def flight(draw: Draw) -> Exchange:
    origin, destination = draw.pair(CITIES)
    day = draw.pick(DAYS)
    draw.claim("flight", origin, destination)
    form = draw.pick(_TABLE.words("flight_forms"))
    prompt = form.format(origin=origin, destination=destination, day=day)
    reply = _call("search_flights", origin=origin, destination=destination, day=day.lower())
    return Exchange(prompt, reply)


def extraction(draw: Draw) -> Exchange:
    name, city, job, age = (
        draw.pick(NAMES),
        draw.pick(CITIES),
        draw.pick(JOBS),
        draw.between(18, 80),
    )
    draw.claim("extraction", name, city)
    text = draw.pick(_TABLE.words("people")).format(name=name, age=age, city=city, job=job)
    prompt = draw.pick(_TABLE.words("extract_forms")).format(text=text)
    return Exchange(prompt, json.dumps({"name": name, "age": age, "job": job, "city": city}))


def plan(draw: Draw) -> Exchange:
    forms = _TABLE.words("plan_forms")
    goal, count, form = draw.pick(tuple(_PLANS)), draw.between(3, 5), draw.index(forms)
    draw.claim("plan", goal, count, form)
    prompt = forms[form].format(goal=goal, count=numeral(draw, count))
    return Exchange(prompt, numbered([f"{step}." for step in _PLANS[goal][:count]]))


def calculator(draw: Draw) -> Exchange:
    a, b = draw.between(100, 9999), draw.between(100, 9999)
    draw.claim("calculator", a, b)
    prompt = draw.pick(_TABLE.words("calculator_forms")).format(a=a, b=b)
    return Exchange(prompt, _call("calculator", expression=f"{a} * {b}"))


def device(draw: Draw) -> Exchange:
    room, name = draw.pick(_TABLE.words("rooms")), draw.pick(_TABLE.words("devices"))
    state = draw.pick(("on", "off"))
    draw.claim("device", room, state, name)
    prompt = draw.pick(_TABLE.words("device_forms")).format(room=room, state=state, device=name)
    return Exchange(prompt, _call("set_device", device=name, room=room, state=state))


FAMILIES: tuple[tuple[Family, float], ...] = (
    (weather, 1.0),
    (timer, 0.4),
    (alarm, 0.4),
    (reminder, 0.6),
    (message, 1.0),
    (flight, 1.0),
    (extraction, 1.2),
    (plan, 1.0),
    (calculator, 0.8),
    (device, 0.8),
)
