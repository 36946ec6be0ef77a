"""Data sets by name: those that can be downloaded, and those that a person obtains and then points at."""

from __future__ import annotations

from dataclasses import dataclass

_OMNIGLOT = "https://github.com/brendenlake/omniglot/raw/master/python/"
OMNIGLOT_LICENCE = "MIT, © 2015 Brenden Lake"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """``size`` in bytes, as it is published."""

    address: str
    md5: str
    size: int

    @property
    def name(self) -> str:
        return self.address.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be downloaded and installed under ``name``."""

    name: str
    title: str
    summary: str
    licence: str
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class Guide:
    """A set that is never downloaded or shipped, as its terms ask: where it is had, and what to point at."""

    name: str
    title: str
    summary: str
    address: str
    steps: tuple[str, ...]
    terms: str


OMNIGLOT = Offer(
    "omniglot",
    "Omniglot",
    "1,623 handwritten characters of 50 alphabets, 20 people's drawings of each, and Lake's twenty one-shot runs.",
    OMNIGLOT_LICENCE,
    (
        RemoteFile(f"{_OMNIGLOT}images_background.zip", "68d2efa1b9178cc56df9314c21c6e718", 9_464_212),
        RemoteFile(f"{_OMNIGLOT}images_evaluation.zip", "6b91aef0f799c5bb55b94e3f2daec811", 6_462_886),
        RemoteFile(f"{_OMNIGLOT}one-shot-classification/all_runs.zip", "e8996daecdf12afeeb4a53a179f06b19", 352_787),
    ),
)
SMALL_1 = Offer(
    "omniglot-small1",
    "Omniglot, small set 1",
    "136 characters of five alphabets (Balinese, Early Aramaic, Greek, Korean, Latin): what a child has met, as Lake "
    "puts it. Quick to try things on.",
    OMNIGLOT_LICENCE,
    (RemoteFile(f"{_OMNIGLOT}images_background_small1.zip", "e704a628b5459e08445c13499850abc4", 1_319_022),),
)
SMALL_2 = Offer(
    "omniglot-small2",
    "Omniglot, small set 2",
    "156 characters of five alphabets (Greek, Japanese katakana, Latin, Sanskrit, Tagalog); Greek and Latin are in "
    "both small sets.",
    OMNIGLOT_LICENCE,
    (RemoteFile(f"{_OMNIGLOT}images_background_small2.zip", "b75a71a51d3b13f821f212756fe481fd", 1_580_917),),
)
OFFERS = {offer.name: offer for offer in (OMNIGLOT, SMALL_1, SMALL_2)}

GUIDES = (
    Guide(
        "mini-imagenet",
        "mini-ImageNet",
        "100 classes of 600 photographs, 84 × 84 in most papers; split 64 / 16 / 20 by Ravi and Larochelle.",
        "https://www.image-net.org",
        (
            "Ask for ImageNet (ILSVRC 2012) at image-net.org, or use a copy that you or your group may use already.",
            "Put the pictures of each of the 100 classes into a folder of its name (n01532829, …). Those 100 names are "
            "known here, and are split as Ravi and Larochelle did; folders train, val and test above them are kept.",
            "Add the topmost folder, or a zip of it. Pictures of other sizes are brought to 84 × 84.",
        ),
        "ImageNet's terms: non-commercial research and education only, not to be passed on. Copies as .pkl are not "
        "read: a pickle can run code when it is loaded.",
    ),
    Guide(
        "cifar-fs",
        "CIFAR-FS",
        "The 100 classes of CIFAR-100, 600 pictures of 32 × 32 each; split 64 / 16 / 20 by Bertinetto et al.",
        "https://zenodo.org/record/7978538/files/cifar100.zip",
        (
            "Download cifar100.zip from the address above.",
            "Unpack it. Where it names its splits in lists instead of folders, move the class folders into train, val "
            "and test as the lists say.",
            "Add the folder that holds train, val and test (or one folder a class: the split is then made by the hash "
            "of the names, and differs from the papers').",
        ),
        "No licence is stated for CIFAR-100. The .tar.gz of Toronto holds pickles, which are not read.",
    ),
    Guide(
        "cub",
        "CUB-200-2011",
        "200 species of birds, 11,788 photographs.",
        "https://data.caltech.edu/records/65de6-vp158/files/CUB_200_2011.tgz",
        (
            "Download CUB_200_2011.tgz from the address above (md5 97eceeb196236b17998738112f37df78).",
            "Unpack it.",
            "Add the folder CUB_200_2011/images: one folder a species. The split is made by the hash of the names; for "
            "that of a paper, move the class folders into train, val and test first.",
        ),
        "Non-commercial research; the photographs belong to their authors.",
    ),
    Guide(
        "quickdraw",
        "Quick, Draw!",
        "Doodles of 345 words, drawn within twenty seconds.",
        "https://github.com/googlecreativelab/quickdraw-dataset",
        (
            "Download some words as 28 × 28 arrays (“numpy bitmap” on that page).",
            "Put some hundred drawings of each word into one numpy archive: images, uint8 [n, 28, 28]; label, whole "
            "numbers [n]; and class_name, one a class.",
            "Add that .npz. Ink is bright already: nothing is to be inverted.",
        ),
        "CC BY 4.0, Google: name “The Quick, Draw! Dataset”.",
    ),
)
