"""Codecs of networkx: its four own graph classes with their attributes, in the order in which they were built."""

from __future__ import annotations

from typing import Any

import networkx as nx

from graders.engine.codecs_builtin import register_shared_class
from graders.engine.values import DECODERS, ENCODERS, Node, Packer, Unpacker
from graders.engine.wire import GarbledError

_KINDS: dict[str, Any] = {kind.__name__: kind for kind in (nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph)}

for _kind in _KINDS.values():
    register_shared_class(_kind)


def _pack_graph(value: Any, packer: Packer) -> Node:
    """Everything in it must be data: a graph of a student's own objects stays with the student."""
    before, packer.plain_only = packer.plain_only, True
    try:
        body = _body(value, packer)
    finally:
        packer.plain_only = before
    return packer.pack_tracked("nx", value, lambda: body)


def _body(value: Any, packer: Packer) -> list[Node]:
    numbers = {node: number for number, node in enumerate(value)}
    edges = value.edges(keys=True, data=True) if value.is_multigraph() else value.edges(data=True)
    return [
        type(value).__name__,
        _attributes(value.graph, packer),
        [[packer.pack(node), _attributes(facts, packer)] for node, facts in value.nodes(data=True)],
        [[numbers[e[0]], numbers[e[1]], [packer.pack(k) for k in e[2:-1]], _attributes(e[-1], packer)] for e in edges],
        [[numbers[other] for other in beside] for beside in value._adj.values()],
        [[numbers[other] for other in beside] for beside in value._pred.values()] if value.is_directed() else [],
    ]


def _attributes(facts: Any, packer: Packer) -> list[Node]:
    return [[packer.pack(name), packer.pack(item)] for name, item in facts.items()]


def _unpack_graph(node: list[Any], unpacker: Unpacker) -> Any:
    _, oid, name, facts, nodes, edges, successors, predecessors = node
    kind = _KINDS[unpacker.text(name)]
    known = unpacker.known(oid, kind)
    graph = kind() if known is None else known
    graph.clear()
    graph.graph.update(_dict(facts, unpacker))
    names = unpacker.plain([each for each, _ in nodes])
    if len(set(names)) != len(names):
        raise GarbledError("a graph with one node twice")
    graph.add_nodes_from((each, _dict(facts, unpacker)) for each, (_, facts) in zip(names, nodes, strict=True))
    for edge in edges:
        _add_edge(graph, names, edge, unpacker)
    _put_in_order(graph._adj, names, successors)
    if graph.is_directed():
        _put_in_order(graph._pred, names, predecessors)
    unpacker.replace(unpacker.integer(oid), graph)
    return graph


def _add_edge(graph: Any, names: list[Any], edge: Any, unpacker: Unpacker) -> None:
    start, end, key, facts = edge
    attributes = _dict(facts, unpacker)
    if graph.is_multigraph():
        (key,) = unpacker.plain(key)
        key = graph.add_edge(_pick(names, start), _pick(names, end), key)
        graph.edges[_pick(names, start), _pick(names, end), key].update(attributes)
    else:
        graph.add_edge(_pick(names, start), _pick(names, end))
        graph.edges[_pick(names, start), _pick(names, end)].update(attributes)


def _pick(names: list[Any], number: Any) -> Any:
    if type(number) is not int or not 0 <= number < len(names):
        raise GarbledError("an edge to nowhere")
    return names[number]


def _put_in_order(adjacency: Any, names: list[Any], order: Any) -> None:
    """Neighbours in the sender's order: ``list(g[n])`` and every traversal depend on it."""
    for name, numbers in zip(names, order, strict=True):
        wanted = [_pick(names, number) for number in numbers]
        beside = adjacency[name]
        if set(wanted) != set(beside) or len(wanted) != len(beside):
            raise GarbledError("an order of other neighbours")
        adjacency[name] = {other: beside[other] for other in wanted}


def _dict(pairs: Any, unpacker: Unpacker) -> dict[Any, Any]:
    names, items = unpacker.plain([name for name, _ in pairs]), unpacker.plain([item for _, item in pairs])
    return dict(zip(names, items, strict=True))


ENCODERS.update(dict.fromkeys(_KINDS.values(), _pack_graph))
DECODERS["nx"] = _unpack_graph
