#!/usr/bin/python3
"""Finds the best path in the graph that `planning graph` prints (standard input), by Dijkstra's algorithm in
networkx and in igraph. Prints a line "NAME MS HOPS" for each: the time to build the graph from edges in
memory and to find the path; "NAME - -" for a library that is not installed. Reading the edges and importing
the libraries do not count.
"""

import array
import sys
import time


def read(kind, count):
    numbers = array.array(kind)
    numbers.frombytes(sys.stdin.buffer.read(count * numbers.itemsize))
    return numbers


def by_networkx(nodes, me, sources, targets, weights):
    import networkx

    begun = time.process_time()
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_weighted_edges_from(zip(sources, targets, weights))
    way = networkx.dijkstra_path(graph, me, nodes - 1)
    return time.process_time() - begun, way


def by_igraph(nodes, me, sources, targets, weights):
    import igraph

    begun = time.process_time()
    graph = igraph.Graph(nodes, list(zip(sources, targets)), directed=True)
    way = graph.get_shortest_paths(me, nodes - 1, weights)[0]
    return time.process_time() - begun, way


def main():
    hosts, me, edges = read("I", 3)
    sources, targets, weights = read("I", edges), read("I", edges), read("d", edges)
    for name, find in ("networkx", by_networkx), ("igraph", by_igraph):
        try:
            taken, way = find(hosts + 1, me, sources, targets, weights)
        except ImportError:
            print(name, "-", "-")
            continue
        # The way begins with me and ends with the egress, which are no hops.
        print(name, f"{taken * 1000:.1f}", len(way) - 2)


main()
