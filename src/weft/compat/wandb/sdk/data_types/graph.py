"""An inner path to Graph, Node, Edge."""

from weft import Graph as Graph
from weft.data_types import Edge as Edge
from weft.data_types import Node as Node
