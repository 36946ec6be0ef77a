"""One adapter a contender: its own interface, called as its documentation says, on the problem's tensors."""

from __future__ import annotations

from benchmarks.peers.base import Peer
from benchmarks.peers.higher_loop import Higher
from benchmarks.peers.imaml_reference import ImamlAsPublished, ImamlPublishedOperator, ImamlReference
from benchmarks.peers.jax_vmap import JaxVmap
from benchmarks.peers.learn2learn_maml import Learn2Learn
from benchmarks.peers.ours import Metagui, MetaguiGradientAlone, MetaguiSparing
from benchmarks.peers.textbook import Textbook
from benchmarks.peers.torchopt_metasgd import TorchOpt

__all__ = ["PEERS", "Peer"]

PEERS: dict[str, Peer] = {
    peer.name: peer
    for peer in [
        Metagui(),
        MetaguiSparing(),
        MetaguiGradientAlone(),
        Textbook(),
        Learn2Learn(),
        Higher(),
        TorchOpt(),
        ImamlReference(),
        ImamlPublishedOperator(),
        ImamlAsPublished(),
        JaxVmap(),
    ]
}
