"""An inner path to Object3D, box3d."""

from weft import Object3D as Object3D
from weft import box3d as box3d
