# ruff: noqa: E501 - a long line here is attack code
"""Attacks on the bridge and on the control descriptor from a real submission."""

from __future__ import annotations

from tests.graders.attacks.attack import Attack

_WIRE = "sizes, depth, ids and time are checked before anything is believed"
_AGENT = "import graders.engine.agent as agent, graders.engine.wire as wire, json, os, socket, struct, time\n"


def _raw(body: str, rule: str = _WIRE, proof: str = "outcome:killed", is_slow: bool = False) -> Attack:
    """Replace how answers to a test are sent; ``s`` is the socket, ``h`` the honest header."""
    code = (
        f"{_AGENT}honest = wire.Channel.send\ndef frame(text):\n"
        "    return struct.pack('>4sII', b'AXB1', len(text), 0) + text\n"
        f"def forged(self, h, blobs=()):\n    s = self.sock\n    if 'outputs' in h: return honest(self, h, blobs)\n{body}\n"
        "wire.Channel.send = forged"
    )
    return Attack(rule, code, proof=proof, is_slow=is_slow)


_FIND_CONTROL = (
    f"{_AGENT}control = []\nfor number in range(3, 256):\n    try: control.append(socket.socket(fileno=os.dup(number)))\n"
    "    except OSError: pass\n"
)

BRIDGE = {
    "a flood of replies": _raw('    while True: s.sendall(frame(b\'{"n": 1, "out": "xxxxxxxx"}\') * 1000)'),
    "random bytes": _raw("    s.sendall(os.urandom(1000))"),
    "a header of two gigabytes": _raw("    s.sendall(struct.pack('>4sII', b'AXB1', 2**31, 0))"),
    "a blob larger than memory": _raw("    s.sendall(struct.pack('>4sIIQ', b'AXB1', 2, 1, 2**60) + b'{}')"),
    "nested without end": _raw("    s.sendall(frame(b'[' * 300_000))"),
    "a slow drip": _raw(
        "    for byte in frame(json.dumps(h).encode()):\n        s.sendall(bytes([byte]))\n        time.sleep(.4)",
        "one deadline for all waits",
        "outcome:timeout",
    ),
    "silence": _raw("    time.sleep(60)", "one deadline for all waits", "outcome:timeout", is_slow=True),
    "points instead of an answer": _raw(
        "    s.sendall(frame(json.dumps({'n': h['n'], 'points': 4, 'outcome': 'passed'}).encode()))"
    ),
    "the answer to another request": _raw("    honest(self, h | {'n': h['n'] + 1}, blobs)"),
    "each answer twice": _raw("    honest(self, h, blobs)\n    honest(self, h, blobs)", proof=""),
    "true for every question": _raw("    honest(self, {'n': h['n'], 'ok': [True, 0, 0]})", proof=""),
    "a liar's handle for every question": _raw(
        "    honest(self, {'n': h['n'], 'ok': [['h', -1, {'kind': 'function', 'type': 'int', 'call': True}], 0, 0]})",
        proof="",
    ),
    "an exit for every question": _raw(
        "    honest(self, {'n': h['n'], 'raise': {'classes': ['builtins.SystemExit'], 'class': None, 'args': [0]}})",
        proof="",
    ),
    "callbacks into the test": _raw(
        "    honest(self, {'n': h['n'], 'back': {'on': 1, 'what': 'attr', 'args': [['__globals__', 0, 0]]}})", proof=""
    ),
    "names of the test bound from outside": _raw(
        "    honest(self, h | {'rebound': {name: [7, 0, 0] for name in ('drawn', 'random', 'hidden_seed', 'assert')}}, blobs)",
        proof="",
    ),
    "files and variables that no test asked for": _raw(
        "    seen = {'files': {name: [['b', 0], 0, 1] for name in ('learner.json', 'courses.py', '../a.csv', '/tmp/a.csv')},\n"
        "            'environ': {'AXCAMPUS_HIDDEN_SEED': '1', 'PYTHONPATH': '.'}}\n"
        "    honest(self, h | {'seen': seen} if 'ok' in h else h, [b'import os', *blobs] if 'ok' not in h else [b'x'])",
        "only what a test names is taken; its own files, the instructor's and its variables stay",
        proof="",
    ),
    "files that are no files": _raw("    honest(self, h | {'seen': [[['b', 0]]] * 1000}, blobs)"),
    "descriptors sent along": _raw(
        "    socket.send_fds(s, [frame(json.dumps({'n': h['n'], 'ok': [0, 0, 0]}).encode())], [0, 1, 2])", proof=""
    ),
    "a hang-up": _raw("    s.shutdown(2)"),
    "a class to import": _raw("    honest(self, {'n': h['n'], 'ok': [['ty', 'os.system'], 0, 0]})"),
    "a named tuple that is code": _raw(
        "    honest(self, {'n': h['n'], 'ok': [['nt', 'x', '__main__', ['a=__import__(\"os\")'], [1]], 0, 0]})"
    ),
    "a forged end of the cell on the control descriptor": Attack(
        "control messages carry outputs, never points",
        f"{_FIND_CONTROL}text = json.dumps({{'ok': True, 'points': 4, 'score': 4, 'outputs': [], 'execution_count': 1}}).encode()\n"
        "message = struct.pack('>4sII', b'AXB1', len(text), 0) + text\nfor each in control:\n"
        "    try: each.send(message * 3, socket.MSG_DONTWAIT)\n    except OSError: pass",
        proof="",
    ),
    "garbage on every descriptor": Attack(
        "control messages are bounded and checked",
        f"{_FIND_CONTROL}for each in control:\n    try: each.send(os.urandom(5000), socket.MSG_DONTWAIT)\n    except OSError: pass",
        proof="",
    ),
    "a control message nested without end": Attack(
        "control messages are bounded and checked",
        f"{_FIND_CONTROL}for each in control:\n    text = b'{{\"outputs\":' + b'[' * 100_000\n"
        "    try: each.sendall(struct.pack('>4sII', b'AXB1', len(text), 0) + text)\n    except OSError: pass",
        proof="",
    ),
    "outputs of the wrong types on the control descriptor": Attack(
        "outputs are rebuilt from what a report can store",
        f"{_FIND_CONTROL}text = json.dumps({{'ok': 'yes', 'error': [1], 'outputs': [{{'output_type': 'points', 'data': 7}}, 3, None,"
        " {'output_type': 'stream', 'text': [[]], 'name': {}}], 'execution_count': 'x', 'cpu_seconds': -1}).encode()\n"
        "message = struct.pack('>4sII', b'AXB1', len(text), 0) + text\nfor each in control:\n"
        "    try: each.send(message, socket.MSG_DONTWAIT)\n    except OSError: pass",
        proof="",
    ),
    "every descriptor closed": Attack(
        "the process is over, the score is not", "import os\nos.closerange(3, 256)", proof="outcome:killed"
    ),
    "a second reader on the bridge": Attack(
        _WIRE,
        f"{_AGENT}import threading\nserve = agent.Agent.serve\ndef both(self, channel):\n    def steal():\n"
        "        while True: channel.receive()\n    threading.Thread(target=steal, daemon=True).start()\n    serve(self, channel)\n"
        "agent.Agent.serve = both",
        proof="",
    ),
}
