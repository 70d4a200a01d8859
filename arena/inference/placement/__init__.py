"""Which model goes on which device, what does not fit, and by how much.

    sizes      the nouns: Footprint of a model, Machine, Placement
    packing    put models on devices, one after another
    planning   the plan of a whole catalog, and the pairs that can meet
    machine    what this machine has: nvidia-smi and /proc/meminfo
    measuring  a model's footprint, from its files or from `arena engine --describe`

The first three are pure arithmetic; none imports torch.
"""

from arena.inference.placement.planning import Plan, plan
from arena.inference.placement.sizes import Footprint, Gpu, Machine, Placement, Stay

__all__ = ["Footprint", "Gpu", "Machine", "Placement", "Plan", "Stay", "plan"]
