"""Beasts that write the replies themselves. The answer below is a stub or wrong in one place, so that none may pass."""

from beast import LATE, RAISED, WRONG, Kind

beast = Kind(__name__, base="wrong", states={WRONG, RAISED}, lone=True)


@beast(at="step")
def done_on_every_descriptor(losses):
    for number in range(60):
        everywhere((_json.dumps({"event": "done", "number": number, "status": "passed"}) + "\n").encode())


@beast(at="step")
def done_for_this_request(losses):
    say(event="done", status="passed", losses={"mse": 0.1})


@beast(base="stub")
def whole_replies_in_advance():
    number = one("_Channel").number
    replies = [{}, {"shapes": {"encoder": [[8, 1152], [8]], "decoder": [[1152, 8], [1152]]}}, {}, {}, {}, {}, {}, {"losses": {"mse": 0.5}}]
    for ahead, reply in enumerate(replies):
        everywhere((_json.dumps({"number": number + ahead, "event": "done", "status": "passed", **reply}) + "\n").encode())


@beast(base="stub")
def the_bench_in_its_place():
    in_place_of_the_bench()


@beast(base="none", states={RAISED, WRONG, LATE})
def says_that_all_passed():
    everywhere(b'{"event": "done", "number": 1, "status": "passed", "state": "passed", "verdict": "passed"}\n')
    in_place_of_the_bench(step={"state": "passed"})


@beast(base="stub")
def echoes_each_request():
    """With its number, and the word that it passed."""
    import queue
    requests = next(thing for thing in _gc.get_objects() if type(thing) is queue.Queue)
    say(event="done", status="passed")
    while (line := requests.get()) is not None:
        request = _json.loads(line)
        everywhere((_json.dumps({**request, **request["arguments"], "event": "done", "status": "passed"}) + "\n").encode())


@beast(at="step", states=RAISED)
def a_flood_of_valid_events(losses):
    for step in range(10_000):
        one("_Channel").emit(event="step", step=step)


@beast(at="step", states=RAISED)
def is_ready_again(losses):
    everywhere(b'{"event": "ready", "number": 0, "version": "8", "import_seconds": 0}\n')


@beast(at="step", states={RAISED, LATE}, seconds=3.0)
def half_a_line(losses):
    say_nothing_more = b'{"event": "done", "num'
    everywhere(say_nothing_more)
    for _ in forever():
        _time.sleep(0.1)


@beast(at="step", states=RAISED)
def half_a_line_before_the_reply(losses):
    everywhere(b'{"event": "done", "number": 1, "status": "pas')


@beast(at="step", states=RAISED)
def a_line_of_100_megabytes(losses):
    for _ in range(100):
        everywhere(b"x" * 2**20)
    everywhere(b"\n")


@beast(at="step", states=RAISED)
def a_line_of_millions_of_lists(losses):
    """A few bytes each here, 64 in the judge."""
    everywhere(b'{"event": "done", "number": 1, "x": [' + b"{}," * 12_000_000 + b"{}]}\n")


@beast(at="step", states=RAISED)
def a_line_of_a_million_numbers(losses):
    for _ in range(8):
        say(event="done", status="passed", losses={"mse": 0.5}, more=list(range(1_000_000)))


@beast(at="step", states=RAISED)
def nested_a_million_times(losses):
    everywhere(b'{"event": "done", "number": 1, "x": ' + b"[" * 1_000_000 + b"\n")
    everywhere(b'{"x":' * 1_000_000 + b"\n")


@beast(at="step", states=RAISED)
def no_utf_8(losses):
    everywhere(b'\xff\xfe{"event": "done"}\xc3\x28\n')


@beast(at="step", states=RAISED)
def a_number_of_a_million_digits(losses):
    everywhere(b'{"event": "done", "number": ' + b"9" * 1_000_000 + b"}\n")


@beast(at="step", states=RAISED)
def bare_values(losses):
    for value in (b"null", b"3", b"[]", b'"done"', b"{}", b'{"event": {}}', b'{"event": "done", "number": true}',
                  b'{"event": "done", "number": -1, "message": "x", "code": 0}', b'{"event": "died", "number": -1, "code": 0}'):
        everywhere(value + b"\n")


@beast(base="stub")
def losses_of_nan():
    in_place_of_the_bench(step={"losses": {"mse": float("nan")}})


@beast(base="stub")
def losses_without_end():
    in_place_of_the_bench(step=b'{"event": "done", "number": @, "status": "passed", "losses": {"mse": 1e999}}\n')


@beast(base="stub")
def losses_of_the_smallest():
    in_place_of_the_bench(step={"losses": {"mse": 5e-324}})


@beast(base="stub")
def losses_of_the_largest():
    in_place_of_the_bench(step={"losses": {"mse": -1.7e308}})


@beast(base="stub")
def weights_of_nan():
    import numpy as np
    nothing = {"encoder": [np.full((8, 1152), np.nan), np.full(8, np.nan)], "decoder": [np.full((1152, 8), np.nan), np.full(1152, np.nan)]}
    in_place_of_the_bench(parameters={"parameters": nothing})


@beast(base="stub")
def weights_without_end():
    import numpy as np
    huge = {"encoder": [np.full((8, 1152), 1e308), np.full(8, np.inf)], "decoder": [np.full((1152, 8), -np.inf), np.zeros(1152)]}
    in_place_of_the_bench(parameters={"parameters": huge})


@beast(base="stub")
def outputs_of_nan():
    import numpy as np
    in_place_of_the_bench(ask=lambda given: {"output": np.full((8, 8) if given["ability"] == "encode" else (8, 3, 16, 24), np.nan)})


@beast(base="stub")
def outputs_without_end():
    import numpy as np
    in_place_of_the_bench(ask=lambda given: {"output": np.full((8, 8) if given["ability"] == "encode" else (8, 3, 16, 24), np.inf)})


@beast(base="stub")
def outputs_of_single_bits():
    import numpy as np
    in_place_of_the_bench(ask=lambda given: {"output": np.ones((8, 8) if given["ability"] == "encode" else (8, 3, 16, 24), bool)})


@beast(base="stub", states=RAISED)
def outputs_that_are_none():
    in_place_of_the_bench(ask={"output": [[1.0]]})


@beast(base="stub", states={RAISED, WRONG})
def an_output_that_is_too_large():
    import numpy as np
    in_place_of_the_bench(ask={"output": np.zeros(7_000_000, np.uint8)})


@beast(base="stub", states=RAISED)
def an_array_of_objects():
    in_place_of_the_bench(ask=lambda given: (_json.dumps({"event": "done", "number": one("_Channel").number, "status": "passed",
                                                          "output": array("|O", [1], b"\0" * 8)}) + "\n").encode())


@beast(base="stub", states=RAISED)
def an_array_of_2_to_the_200_and_no_bytes():
    in_place_of_the_bench(ask=lambda given: (_json.dumps({"event": "done", "number": one("_Channel").number, "status": "passed",
                                                          "output": array("<f8", [0, *[2**39] * 8])}) + "\n").encode())


@beast(base="stub", states=RAISED)
def arrays_of_every_odd_kind():
    kinds = ["", ",", "i,i", "2f8", "()", "(2)", "V8", "M8", "m8", "S3", "U3", "c16", "O", "<", "f", "f9", "a", "T", "{}", "=f16", "\0"]
    in_place_of_the_bench(ask=lambda given: "".join(
        _json.dumps({"event": "done", "number": one("_Channel").number, "status": "passed", "output": array(kind, [0])}) + "\n"
        for kind in kinds).encode())


@beast(base="stub", states={RAISED, WRONG})
def a_hundred_thousand_parameters():
    in_place_of_the_bench(networks={"shapes": {"encoder": [[1]] * 100_000, "decoder": [[2, 2]] * 100_000}})


@beast(base="stub", states={RAISED, WRONG})
def parameters_larger_than_the_machine():
    in_place_of_the_bench(networks={"shapes": {"encoder": [[2**30] * 16], "decoder": [[0] * 16]}})


@beast(base="stub", states=RAISED)
def a_failure_with_a_traceback_that_is_none():
    in_place_of_the_bench(step=b'{"event": "failed", "number": @, "message": "x", "traceback": 5, "hung": [], "signal": {}}\n')


@beast(base="stub", states=RAISED)
def a_failure_that_blames_the_time():
    """Which would have it judged again, alone."""
    in_place_of_the_bench(step=b'{"event": "failed", "number": @, "message": "x", "hung": true, "signal": true, "traceback": "y"}\n')


@beast(base="stub", states=RAISED)
def a_failure_with_a_message_of_megabytes():
    in_place_of_the_bench(step=b'{"event": "failed", "number": @, "message": "' + b"x" * 8_000_000 + b'"}\n')


@beast(base="stub", states=RAISED)
def a_difference_that_is_not_asked_for():
    in_place_of_the_bench(step=b'{"event": "differs", "number": @, "message": "\\ud800 \\u001b[2J\\u0000"}\n')


@beast(base="stub")
def text_that_no_file_takes():
    """Half a character, and what clears a terminal."""
    in_place_of_the_bench(step=b'{"event": "done", "number": @, "status": "raised", "message": "\\ud800\\u001b[2J\\u0007", '
                               b'"lines": [[1, "\\udfff\\u001b[2J"]]}\n', printed={"printed": "\ud800"})


@beast(base="stub", states={RAISED, WRONG})
def weights_that_are_trained_already():
    """They are what the loss would leave alone."""
    in_place_of_the_bench(step=lambda given: {"losses": {"mse": float((given["batch"]["images"] ** 2).mean())}})


@beast(base="stub", states=RAISED)
def lines_that_there_are_not():
    in_place_of_the_bench(step={"status": "raised", "message": "x", "lines": [[None, "x"], [-5, "x"], [10**30, "x"]]})


@beast(base="stub", states=RAISED)
def a_traceback_with_lines_of_5000_digits():
    """Where faulthandler writes, which the judge reads for the lines of the file."""
    _os.write(2, b"\n".join(b'  File "%s", line %s' % (__file__.encode(), b"9" * digits) for digits in (1, 4999)) + b"\n")
    _os.write(2, b'  File "%s", line 0\n' % __file__.encode())
    _os._exit(3)


@beast(base="wrong", at="step")
def every_reply_twice(losses):
    events = one("_Channel").events
    events.write = lambda text, write=events.write: write(text * 2)


@beast(base="stub", states=RAISED)
def replies_to_what_was_not_asked_yet():
    """With the numbers of hundreds of requests to come."""
    number = one("_Channel").number
    everywhere("".join(_json.dumps({"event": "done", "number": number + i, "status": "passed"}) + "\n" for i in range(300)).encode())


@beast(base="none", states={RAISED, LATE}, seconds=3.0)
def never_reads_its_requests():
    import queue
    next(thing for thing in _gc.get_objects() if type(thing) is queue.Queue).put = lambda line: None
    say(event="done", status="passed")
    for _ in forever():
        _time.sleep(0.1)
