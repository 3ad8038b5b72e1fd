"""The default name of a run: a function of its id alone. Pure.

Client, directories and server each compute it and must agree: a change here renames runs.
`docs/decisions/0020-names-of-runs.md` has the reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final
from zlib import crc32

_ADJECTIVES: Final = """
able agile airy alert amber ample ancient apt arctic ardent atomic autumn azure balmy basic bold
bonny brave breezy bright brisk bronze bubbly burly busy calm candid careful casual cheery
chestnut chief civic classic clean clear clever coastal cobalt comfy cool copper coral cosmic
cozy crimson crisp crystal curious curly daily dainty dapper daring dawn deep deft devoted dewy
diligent distant divine dotted downy dreamy driven dry dynamic eager early earnest earthy
eastern easy ebony elated electric elegant emerald epic eternal even exact expert fabled fair
faithful famous fancy fast fearless feisty festive fine firm fleet fluent fluffy flying fond
forest frank free fresh friendly frosty frugal full gallant generous genial gentle giddy gifted
glad gleaming glossy golden good graceful grand grassy grateful great green handy happy hardy
harmonic hazel hearty helpful hidden high honest hopeful humble icy ideal indigo inner ivory
jade jaunty jazzy jolly jovial joyful jubilant keen kind kindred lasting laurel lavish leafy
lean legible lemon level light lilac limber lime lively lofty loyal lucent lucid lucky lunar
lush lyric magenta magic major maple marble mellow merry mighty mild mindful minty misty modern
modest mossy musical mutual natural nautical neat nimble noble northern novel oaken oceanic
olive opal open optimal orange orderly outer pastel patient peaceful pearly peppy placid plain
playful pleasant plucky plush poetic polar polished polite prime pristine proper proud prudent
pure purple quaint quick quiet radiant rapid rare ready regal robust rosy royal ruby rugged
rural russet rustic sage sandy sapphire satin scenic scholarly serene sharp shining shy silent
silken silver simple sincere sleek smart smooth snowy snug social soft solar solid sonic
southern sparkling speedy spirited splendid spruce stable starry steady stellar still sturdy
subtle sunlit sunny supple sure swift tender tidy topaz tranquil true trusty twilight upbeat
upland urban useful valiant vast velvet verdant vibrant violet vivid warm wavy western whole
wild willing windy wise witty wooden woven young zany zealous zesty
"""

_NOUNS: Final = """
acorn alder almond anchor antler apple arbor arch arrow aspen atlas atoll aurora badger bamboo
banjo barley basil bay beach beacon bear beaver beech bell berry birch bird bison bloom blossom
boat bonfire book bough boulder branch breeze brick bridge brook buffalo butterfly cabin cactus
canal canary candle canoe canopy canyon cape caravan cardinal carpet castle cavern cedar cello
cherry chestnut cliff cloud clover coast cobble comet compass condor cosmos cottage cove crane
crater creek cricket crocus crow crown current cypress daisy dale dawn deer delta desert dew
dolphin dove dragonfly dream drum dune eagle echo eclipse elk elm ember falcon fern ferry fiddle
field finch fir firefly fjord flame flint flower flute fog forest fountain fox frost galaxy
garden garnet gate gazelle geyser ginger glacier glade glen grain granite grape grass grove gull
harbor hare harp harvest hawk hazel heather heron hill hollow honey horizon horse ibex ibis
inlet iris island ivy jasmine jay jewel jungle juniper kelp kestrel key kite koala lagoon lake
lamp lantern larch lark laurel lava leaf lemon lighthouse lilac lily lime linden lion lotus lute
lynx lyre magnolia maple marble marlin marsh meadow melody mesa meteor mint mist moon moor moose
morning moss moth mountain music myrtle nebula nest night nova oak oasis oat ocean olive opal
orbit orca orchard orchid oriole osprey otter owl palm panda pansy paper parrot path peach peak
pear pebble pelican penguin peony pepper petal pheasant piano pigeon pine planet plateau plaza
plum pollen pond poplar poppy prairie prism puffin pulsar quail quartz quasar quill rabbit rain
rainbow raven reed reef ridge ripple river robin rose rye saffron sage sail salmon sand
satellite savanna sea seal sequoia shadow shell shore silk sky smoke snow snowflake song sparrow
spring spruce squirrel star stone stork storm stream summer summit sun sunrise sunset surf
swallow swan terrace thicket thistle thrush thunder thyme tide tiger timber trail tree trout
tulip tundra turtle valley vine violet violin volcano voyage walnut walrus water waterfall wave
whale wheat willow wind winter wolf wombat wood wren yarrow zebra zenith zephyr zinnia
"""


_N_NUMBERS: Final = 1000
"""With the words 110 million names: in a project of 1,000 runs, two share a name in 1 of 220."""


@cache
def _words() -> tuple[Sequence[str], Sequence[str]]:
    return _ADJECTIVES.split(), _NOUNS.split()


def name_from_id(run_id: str) -> str:
    """The default name of a run: an adjective, a noun and a number, joined by hyphens.

    >>> name_from_id("ab12cd34")
    'dewy-ember-586'
    """
    adjectives, nouns = _words()
    # Importing hashlib would add a tenth to the time of `import weft` and `init()`.
    number = crc32(run_id.encode())
    number, adjective = divmod(number, len(adjectives))
    number, noun = divmod(number, len(nouns))
    return f"{adjectives[adjective]}-{nouns[noun]}-{number % _N_NUMBERS}"
