"""One family of inference errors, whatever server or library raised first."""


class InferenceError(Exception):
    """A model could not answer.

    `str(error)` is for the administrator's log and may name the model: it must never reach an
    annotator. `retryable` says whether the same request may succeed when sent again,
    `retry_after_s` how many seconds the server asked to wait first.
    """

    retryable = False

    def __init__(
        self, message: str, *, retryable: bool | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        if retryable is not None:
            self.retryable = retryable


class ModelUnavailable(InferenceError):
    """The model is not loaded, still loading, or its server cannot be reached."""

    retryable = True


class ModelOverloaded(InferenceError):
    """The server refused the request because its queue is full (429 or 503)."""

    retryable = True


class RequestRefused(InferenceError):
    """The server refused the request itself: a wrong key, an unknown model, a bad parameter."""


class ContextExceeded(InferenceError):
    """The conversation and the reply budget do not fit the model's context."""


class ModelTimeout(InferenceError):
    """Nothing came for longer than the connect, first-token or between-token timeout."""

    retryable = True


class BrokenReply(InferenceError):
    """The stream ended without a finish reason, or is not what the protocol promises."""


class EmptyReply(BrokenReply):
    """A reply without text: nothing came, or nothing but reasoning."""


class ContentFiltered(InferenceError):
    """The server's content filter withheld the reply: a matter of the prompt, not of the model."""
