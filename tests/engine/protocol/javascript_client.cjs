// Drives an engine with OpenAI's official JavaScript client.
// usage: node javascript_client.cjs BASE_URL KEY MODEL < REFUSALS; writes {"check": fault or null} as JSON.
// REFUSALS is a JSON list of [fields of a request, code, param].
"use strict";

const assert = require("node:assert/strict");
const { readFileSync } = require("node:fs");
const { setTimeout: pause } = require("node:timers/promises");
const OpenAI = require("openai");

const [baseURL, apiKey, model] = process.argv.slice(2);
const refusals = JSON.parse(readFileSync(0, "utf8"));
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const QUESTION = { role: "user", content: "What is 12 + 7?" };
const ASKED = { model, messages: [QUESTION], max_tokens: 16, temperature: 0 };
const RAMBLING = { max_tokens: 32, ignore_eos: true };

const ask = (fields = {}) => client.chat.completions.create({ ...ASKED, ...fields });
const textOf = (reply) => reply.choices[0].message.content;

async function streamed(fields = {}) {
  const chunks = [];
  for await (const chunk of await ask({ ...fields, stream: true })) chunks.push(chunk);
  const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
  return { chunks, text };
}

async function refused(promise, kind, { status, code, param, type = "invalid_request_error" }) {
  const error = await promise.then(() => assert.fail("it was answered"), (fault) => fault);
  assert.equal(error.constructor.name, kind.name, String(error));
  const found = [error.status, error.type, error.code, error.param];
  assert.deepEqual(found, [status, type, code, param]);
}

async function active() {
  const address = new URL("/health", baseURL);
  const answer = await fetch(address, { headers: { Authorization: `Bearer ${apiKey}` } });
  return (await answer.json()).active;
}

async function untilNobodyIsServed() {
  const deadline = Date.now() + 60_000;
  while (await active()) {
    assert.ok(Date.now() < deadline, "the engine goes on for a client that has left");
    await pause(50);
  }
}

const checks = {
  "a whole reply has every field": async () => {
    const reply = await ask({ ...RAMBLING, max_tokens: 5 });
    const [choice] = reply.choices;
    assert.deepEqual([reply.object, reply.model], ["chat.completion", model]);
    assert.deepEqual([choice.index, choice.finish_reason, choice.logprobs], [0, "length", null]);
    assert.deepEqual([choice.message.role, choice.message.refusal], ["assistant", null]);
    assert.equal(reply.usage.total_tokens, reply.usage.prompt_tokens + 5);
  },
  "a stream has the text of the whole reply and no usage": async () => {
    const { chunks, text } = await streamed();
    assert.equal(text, textOf(await ask()));
    assert.equal(chunks[0].choices[0].delta.role, "assistant");
    assert.ok(chunks.every((chunk) => chunk.usage === undefined && chunk.choices.length === 1));
    assert.ok(chunks.at(-1).choices[0].finish_reason);
  },
  "a stream that is asked for usage ends with it": async () => {
    const { chunks } = await streamed({ stream_options: { include_usage: true } });
    const last = chunks.pop();
    assert.deepEqual(last.choices, []);
    assert.deepEqual(last.usage, (await ask()).usage);
    assert.ok(chunks.every((chunk) => chunk.usage === null));
  },
  "the client's own reader puts a reply together": async () => {
    const whole = await client.chat.completions.stream(ASKED).finalChatCompletion();
    assert.equal(textOf(whole), textOf(await ask()));
  },
  "a reply can be sent back as it came": async () => {
    const [{ message }] = (await ask()).choices;
    assert.ok(await ask({ messages: [QUESTION, message, QUESTION] }));
  },
  "a stop string ends a reply and is never in it": async () => {
    const whole = textOf(await ask(RAMBLING));
    const stop = whole.slice(3, 8);
    const shown = whole.slice(0, whole.indexOf(stop));
    for (const stops of [stop, ["never \u2603", stop]]) {
      const reply = await ask({ ...RAMBLING, stop: stops });
      assert.deepEqual([textOf(reply), reply.choices[0].finish_reason], [shown, "stop"]);
      assert.equal((await streamed({ ...RAMBLING, stop: stops })).text, shown);
    }
  },
  "both names of the budget are understood": async () => {
    for (const name of ["max_tokens", "max_completion_tokens"]) {
      const reply = await ask({ max_tokens: undefined, ignore_eos: true, [name]: 3 });
      assert.equal(reply.usage.completion_tokens, 3);
    }
  },
  "text parts are one text": async () => {
    const content = ["What is ", "12 + 7?"].map((text) => ({ type: "text", text }));
    assert.equal(textOf(await ask({ messages: [{ role: "user", content }] })), textOf(await ask()));
  },
  "a begun reply is continued": async () => {
    const reply = await ask({
      messages: [QUESTION, { role: "assistant", content: "The answer" }],
      continue_final_message: true,
      add_generation_prompt: false,
      return_rendered_prompt: true,
    });
    assert.ok(reply.rendered_prompt.endsWith("The answer"));
  },
  "a seed gives the same reply again": async () => {
    const asked = { ...RAMBLING, temperature: 1.5 };
    const texts = [];
    for (const seed of [5, 5, 6]) texts.push(textOf(await ask({ ...asked, seed })));
    assert.equal(texts[0], texts[1]);
    assert.notEqual(texts[0], texts[2]);
  },
  "fields that change no word are accepted": async () => {
    const idle = { user: "somebody", metadata: { study: "1" }, store: true, service_tier: "auto" };
    const neutral = { n: 1, logprobs: false, presence_penalty: 0, stop: null, tools: undefined };
    assert.equal(textOf(await ask({ ...idle, ...neutral })), textOf(await ask()));
  },
  "another model, a wrong key, a wrong address and a large body are refused": async () => {
    const { NotFoundError, AuthenticationError, APIError } = OpenAI;
    const missing = { status: 404, code: "model_not_found", param: "model" };
    await refused(ask({ model: "gpt-4o" }), NotFoundError, missing);
    await refused(client.models.retrieve("gpt-4o"), NotFoundError, missing);
    const stranger = new OpenAI({ baseURL, apiKey: "wrong", maxRetries: 0 });
    const unknown = { status: 401, code: "invalid_api_key", param: null };
    await refused(stranger.models.list(), AuthenticationError, unknown);
    const nowhere = { status: 404, code: "invalid_route", param: null };
    await refused(client.embeddings.create({ model, input: "hi" }), NotFoundError, nowhere);
    await refused(client.put("/models"), APIError, { ...nowhere, status: 405 });
    const messages = [{ role: "user", content: "a".repeat(5_000_000) }];
    await refused(ask({ messages }), APIError, { status: 413, code: "invalid_size", param: null });
  },
  "a client that aborts its stream stops the generation": async () => {
    const stream = await ask({ ...RAMBLING, max_tokens: 900, stream: true });
    for await (const chunk of stream) {
      assert.equal(chunk.choices[0].delta.role, "assistant");
      assert.equal(await active(), 1);
      stream.controller.abort();
      break; // chunks that have come already would follow
    }
    await untilNobodyIsServed();
  },
  "the model is listed and described": async () => {
    const listed = (await client.models.list()).data;
    assert.deepEqual(listed.map(({ id, object }) => [id, object]), [[model, "model"]]);
    assert.deepEqual(await client.models.retrieve(model), listed[0]);
  },
  "a text is continued": async () => {
    const asked = { ...RAMBLING, model, temperature: 0, prompt: "Once upon" };
    const whole = await client.completions.create(asked);
    let text = "";
    for await (const chunk of await client.completions.create({ ...asked, stream: true }))
      text += chunk.choices[0].text;
    assert.equal(text, whole.choices[0].text);
    assert.equal(whole.object, "text_completion");
  },
};

for (const [number, [fields, code, param]] of refusals.entries())
  for (const stream of [false, true])
    checks[`refusal ${number} of ${code} at ${param}, ${stream ? "streamed" : "whole"}`] = () =>
      refused(ask({ stream, ...fields }), OpenAI.BadRequestError, { status: 400, code, param });

(async () => {
  const faults = {};
  for (const [name, check] of Object.entries(checks))
    faults[name] = await check().then(() => null, (fault) => String(fault.stack ?? fault));
  console.log(JSON.stringify(faults));
})();
