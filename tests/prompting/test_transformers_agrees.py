"""The peer: transformers renders the same templates to the same bytes."""

import pytest

from arena.domain.conversation import Message, Role
from arena.prompting import NAMED_FORMATS
from arena.prompting.templating import apply_template

chat_template_utils = pytest.importorskip("transformers.utils.chat_template_utils")

CONVERSATION = (
    Message(Role.USER, " Hello,\n<b>你好</b> "),
    Message(Role.ASSISTANT, "Hi!"),
    Message(Role.USER, "{{ x }}"),
)
ASSORTED = """
{%- set ns = namespace(n=0) -%}
{{ bos_token }}
{% for message in messages %}
    {% if message['role'] == 'user' %}
        {% set ns.n = ns.n + 1 %}
[{{ ns.n }}] {{ message['content'] | trim | tojson }}
    {% else %}
{% generation %}{{ message['content'].upper() }}{% endgeneration %}{{ eos_token }}
    {% endif %}
    {% if loop.last %}{% break %}{% endif %}
{% endfor %}
{% if tools is not none %}tools{% endif %}
{% if add_generation_prompt %}>{% endif %}
"""


@pytest.mark.parametrize(
    "template",
    [*(named.template for named in NAMED_FORMATS.values()), ASSORTED],
    ids=[*NAMED_FORMATS, "assorted"],
)
def test_transformers_renders_the_same_bytes(template: str) -> None:
    plain = [{"role": str(m.role), "content": m.content} for m in CONVERSATION]
    theirs, _ = chat_template_utils.render_jinja_template(
        [plain],
        chat_template=template,
        add_generation_prompt=True,
        bos_token="<s>",
        eos_token="</s>",
    )
    assert apply_template(template, CONVERSATION, bos="<s>", eos="</s>") == theirs[0]
