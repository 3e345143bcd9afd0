"""Files served: whole, in part, only when they changed, and as small pictures."""

from __future__ import annotations

import httpx
import pytest

from tests.apis.immich.world import (
    ASSETS,
    BADGE,
    BALLOON,
    BOATS,
    CHART,
    IDENTITY_CARD,
    MOUNTAIN,
    NOWHERE,
    SCAN,
    WATERFALL,
    WHOLE_KEY,
    created,
    fresh,
    info,
    no_access,
    opened,
    picture,
    refused,
    replace,
    update,
)

DIGITS = b"0123456789" * 3
CACHED = "private, max-age=86400, no-transform"
LAST_MODIFIED = "Sun, 02 Feb 2025 03:04:05 GMT"
TAG = 'W/"1e-194c49d8488"'
EARLIER = "Wed, 01 Jan 2020 00:00:00 GMT"
LATER = "Wed, 01 Jan 2031 00:00:00 GMT"


@pytest.fixture
def digits(demo: httpx.Client) -> str:
    """Where a file of thirty digits is."""
    return f"{ASSETS}/{created(demo, DIGITS, 'a.png')}/original"


def test_an_original_is_what_was_uploaded(demo: httpx.Client, digits: str) -> None:
    answer = demo.get(digits)
    assert (answer.status_code, answer.content) == (200, DIGITS)
    told = {name: answer.headers.get(name) for name in (
        "content-type", "content-length", "cache-control", "accept-ranges", "last-modified",
        "etag", "content-disposition",
    )}  # fmt: skip
    assert list(told.values()) == [
        "image/png", "30", CACHED, "bytes", LAST_MODIFIED, TAG, None,
    ]  # fmt: skip


def test_a_head_has_the_headers_alone(demo: httpx.Client, digits: str) -> None:
    whole, head = demo.get(digits), demo.head(digits)
    volatile = {"date", "x-immich-cid"}
    kept = [
        {name: text for name, text in answer.headers.items() if name not in volatile}
        for answer in (whole, head)
    ]
    assert (head.status_code, head.content, kept[0]) == (200, b"", kept[1])


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.JPG", "image/jpeg"),
        ("a.insp", "image/jpeg"),
        ("a.hif", "image/hif"),
        ("a.tif", "image/tiff"),
        ("a.svg", "image/svg"),
        ("a.3fr", "image/3fr"),
        ("a.mkv", "video/x-matroska"),
        ("a.vob", "video/mpeg"),
    ],
)
def test_the_extension_says_the_media_type(demo: httpx.Client, name: str, media_type: str) -> None:
    answer = demo.get(f"{ASSETS}/{created(demo, name=name)}/original")
    assert answer.headers["content-type"] == media_type


def test_an_empty_file_is_served(demo: httpx.Client) -> None:
    path = f"{ASSETS}/{created(demo, b'')}/original"
    assert (demo.get(path).status_code, demo.get(path).content) == (200, b"")
    answer = demo.get(path, headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */0")


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-3", 0, 3),
        ("bytes=5-", 5, 29),
        ("bytes=-4", 26, 29),
        ("bytes=0-0", 0, 0),
        ("bytes=29-29", 29, 29),
        ("bytes=25-100", 25, 29),
        ("bytes=0-", 0, 29),
        ("bytes=-30", 0, 29),
        ("bytes=0-3,4-7", 0, 7),
        ("bytes=0-3, 2-7", 0, 7),
        ("bytes=4-7,0-3", 0, 7),
        ("bytes=0-9,2-3", 0, 9),
        ("bytes=0-3,100-", 0, 3),
        ("bytes=100-,0-3", 0, 3),
        ("bytes=0-3,x", 0, 3),
        ("bytes= 0 - 3", 0, 3),
        ("bytes=0-3-5", 0, 3),
        ("bytes=1.5-3", 1, 3),
        ("bytes=1-x", 1, 29),
    ],
)
def test_a_part_is_served(
    demo: httpx.Client, digits: str, wanted: str, first: int, last: int
) -> None:
    answer = demo.get(digits, headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (206, DIGITS[first : last + 1])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/30"
    assert answer.headers["content-length"] == str(last + 1 - first)
    assert (answer.headers["etag"], answer.headers["cache-control"]) == (TAG, CACHED)


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=0-3,10-12",
        "bytes=0-3,5-7",
        "items=0-3",
        "BYTES=0-3",
        "bytes",
        "bytes:0-3",
        "0-3",
        "=0-3",
        "",
    ],
)
def test_what_is_no_single_part_is_served_whole(
    demo: httpx.Client, digits: str, wanted: str
) -> None:
    answer = demo.get(digits, headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (200, DIGITS)
    assert "content-range" not in answer.headers


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=30-",
        "bytes=30-40",
        "bytes=-0",
        "bytes=-100",
        "bytes=5-2",
        "bytes=",
        "bytes=-",
        "bytes=abc",
        "bytes=100-,200-",
    ],
)
def test_a_part_that_is_not_there_is_refused(demo: httpx.Client, digits: str, wanted: str) -> None:
    answer = demo.get(digits, headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == "bytes */30"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": TAG}, 304),
        ({"If-None-Match": TAG[2:]}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": f'"a", {TAG}'}, 304),
        ({"If-None-Match": f'"a",{TAG}'}, 304),
        ({"If-None-Match": '"a"'}, 200),
        ({"If-None-Match": ""}, 200),
        ({"If-None-Match": TAG, "Cache-Control": "no-cache"}, 200),
        ({"If-None-Match": '"a"', "If-Modified-Since": LAST_MODIFIED}, 200),
        ({"If-None-Match": TAG, "If-Modified-Since": EARLIER}, 304),
        ({"If-None-Match": TAG, "Range": "bytes=0-3"}, 304),
        ({"If-None-Match": TAG, "Range": "bytes=100-"}, 304),
        ({"If-Modified-Since": LAST_MODIFIED}, 304),
        ({"If-Modified-Since": LATER}, 304),
        ({"If-Modified-Since": EARLIER}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Match": TAG}, 200),
        ({"If-Match": TAG[2:]}, 200),
        ({"If-Match": "*"}, 200),
        ({"If-Match": f'"a", {TAG}'}, 200),
        ({"If-Match": '"a"'}, 412),
        ({"If-Unmodified-Since": LAST_MODIFIED}, 200),
        ({"If-Unmodified-Since": EARLIER}, 412),
        ({"If-Unmodified-Since": "yesterday"}, 200),
        ({"Range": "bytes=0-3", "If-Range": TAG}, 206),
        ({"Range": "bytes=0-3", "If-Range": TAG[2:]}, 200),
        ({"Range": "bytes=0-3", "If-Range": '"a"'}, 200),
        ({"Range": "bytes=0-3", "If-Range": LAST_MODIFIED}, 206),
        ({"Range": "bytes=0-3", "If-Range": LATER}, 206),
        ({"Range": "bytes=0-3", "If-Range": EARLIER}, 200),
        ({"Range": "bytes=0-3", "If-Range": "yesterday"}, 200),
        ({"Range": "bytes=100-", "If-Range": '"a"'}, 200),
    ],
)
def test_conditions_are_kept(
    demo: httpx.Client, digits: str, headers: dict[str, str], status: int
) -> None:
    answer = demo.get(digits, headers=headers)
    assert answer.status_code == status
    assert answer.content == {200: DIGITS, 206: b"0123"}.get(status, b"")


def test_what_has_not_changed_tells_how_long_to_keep_it(demo: httpx.Client, digits: str) -> None:
    told = demo.get(digits, headers={"If-None-Match": TAG}).headers
    kept = [told[name] for name in ("cache-control", "accept-ranges", "last-modified", "etag")]
    assert kept == [CACHED, "bytes", LAST_MODIFIED, TAG]
    assert "content-type" not in told


def test_another_file_has_another_tag(demo: httpx.Client, digits: str) -> None:
    key = digits.split("/")[3]
    replace(demo, key, DIGITS + b"0")
    answer = demo.get(digits, headers={"If-None-Match": TAG})
    assert (answer.status_code, answer.content) == (200, DIGITS + b"0")


@pytest.mark.parametrize("rest", ["/original", "/video/playback"])
def test_refusals_of_files_are_not_cached(demo: httpx.Client, rest: str) -> None:
    assert demo.get(f"{ASSETS}/{NOWHERE}{rest}").headers["cache-control"] == "none"
    assert "cache-control" not in demo.get(f"{ASSETS}/abc{rest}").headers
    assert "cache-control" not in demo.get(f"{ASSETS}/{NOWHERE}/thumbnail").headers


def test_a_video_is_played(demo: httpx.Client) -> None:
    path = f"{ASSETS}/{BALLOON}"
    answer = demo.get(f"{path}/video/playback", headers={"Range": "bytes=4-7"})
    assert (answer.status_code, answer.content) == (206, b"ftyp")
    assert answer.headers["content-type"] == "video/mp4"
    assert demo.get(f"{path}/video/playback").content == demo.get(f"{path}/original").content


def test_a_picture_is_not_played(demo: httpx.Client) -> None:
    answer = demo.get(f"{ASSETS}/{MOUNTAIN}/video/playback")
    refused(answer, 400, "Asset is not a video")
    assert answer.headers["cache-control"] == "none"


@pytest.mark.parametrize(
    ("query", "kind", "size", "disposition"),
    [
        ("", "WEBP", (333, 250), "DSC_0117_thumbnail.webp"),
        ("?size=thumbnail", "WEBP", (333, 250), "DSC_0117_thumbnail.webp"),
        ("?size=thumbnail&format=JPEG", "WEBP", (333, 250), "DSC_0117_thumbnail.webp"),
        ("?size=preview", "JPEG", (1600, 1200), "DSC_0117_preview.jpeg"),
    ],
)
def test_a_picture_is_made_small(
    demo: httpx.Client, query: str, kind: str, size: tuple[int, int], disposition: str
) -> None:
    answer = demo.get(f"{ASSETS}/{MOUNTAIN}/thumbnail{query}")
    small = opened(answer)
    assert (small.format, small.size) == (kind, size)
    assert answer.headers["content-type"] == f"image/{kind.lower()}"
    assert answer.headers["content-disposition"] == f"inline; filename*=UTF-8''{disposition}"
    assert answer.headers["cache-control"] == CACHED


@pytest.mark.parametrize(
    ("size", "wanted", "made"),
    [
        ((3000, 2000), "thumbnail", (375, 250)),
        ((2000, 3000), "preview", (1440, 2160)),
        ((40, 30), "thumbnail", (40, 30)),
        ((4000, 3), "thumbnail", (4000, 3)),
    ],
)
def test_the_shorter_side_is_made_small_and_nothing_large(
    demo: httpx.Client, size: tuple[int, int], wanted: str, made: tuple[int, int]
) -> None:
    key = created(demo, picture(size))
    assert opened(demo.get(f"{ASSETS}/{key}/thumbnail?size={wanted}")).size == made


def test_a_picture_is_turned_upright(demo: httpx.Client) -> None:
    original = opened(demo.get(f"{ASSETS}/{WATERFALL}/original"))
    small = opened(demo.get(f"{ASSETS}/{WATERFALL}/thumbnail"))
    assert original.width > original.height
    assert small.width < small.height


def test_what_is_transparent_stays_so(demo: httpx.Client) -> None:
    assert opened(demo.get(f"{ASSETS}/{BADGE}/thumbnail")).mode == "RGBA"
    assert opened(demo.get(f"{ASSETS}/{BADGE}/thumbnail?size=preview")).mode == "RGB"


@pytest.mark.parametrize("key", [CHART, SCAN, BALLOON])
def test_other_kinds_of_files_have_small_pictures(demo: httpx.Client, key: str) -> None:
    assert opened(demo.get(f"{ASSETS}/{key}/thumbnail")).format == "WEBP"
    assert opened(demo.get(f"{ASSETS}/{key}/thumbnail?size=preview")).format == "JPEG"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"])
def test_a_small_picture_is_one_of_what_was_uploaded(demo: httpx.Client, kind: str) -> None:
    key = created(demo, picture((300, 300), kind), f"a.{kind.lower()}")
    small = opened(demo.get(f"{ASSETS}/{key}/thumbnail")).convert("RGB")
    assert abs(small.getpixel((10, 10))[2] - 90) < 12  # type: ignore[index,operator]


@pytest.mark.parametrize("size", ["thumbnail", "preview"])
@pytest.mark.parametrize(
    ("name", "data"),
    [("a.jpg", None), ("a.mp4", None), ("a.png", b""), ("a.jpg", picture()[:100])],
)
def test_what_is_no_picture_has_no_small_one(
    demo: httpx.Client, name: str, data: bytes | None, size: str
) -> None:
    key = created(demo, data, name)
    refused(demo.get(f"{ASSETS}/{key}/thumbnail?size={size}"), 404, "Asset media not found")


def test_a_small_picture_follows_its_file(demo: httpx.Client) -> None:
    key = created(demo, picture((300, 300)))
    replace(demo, key, picture((300, 600), "PNG"), "other name.png")
    answer = demo.get(f"{ASSETS}/{key}/thumbnail")
    assert opened(answer).size == (250, 500)
    assert answer.headers["content-disposition"].endswith("''other%20name_thumbnail.webp")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("é 日本.jpg", "%C3%A9%20%E6%97%A5%E6%9C%AC"),
        ("a'b(c)*!~.jpg", "a'b(c)*!~"),
        ("a.b.c.jpg", "a.b.c"),
        ("a;b,c=d.jpg", "a%3Bb%2Cc%3Dd"),
        ("100%.JPEG", "100%25"),
    ],
)
def test_a_small_picture_is_named_after_its_file(demo: httpx.Client, name: str, told: str) -> None:
    path = f"{ASSETS}/{created(demo, picture(), name)}/thumbnail"
    for size, ext in (("thumbnail", "webp"), ("preview", "jpeg")):
        disposition = demo.get(f"{path}?size={size}").headers["content-disposition"]
        assert disposition == f"inline; filename*=UTF-8''{told}_{size}.{ext}"


def test_a_small_picture_is_served_in_part_and_only_once(demo: httpx.Client) -> None:
    path = f"{ASSETS}/{MOUNTAIN}/thumbnail"
    whole = demo.get(path)
    part = demo.get(path, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")
    assert demo.get(path, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    assert demo.head(path).headers["content-length"] == whole.headers["content-length"]


@pytest.mark.parametrize("ext", ["avif", "gif", "jpeg", "jpg", "png", "webp", "JPG"])
@pytest.mark.parametrize(
    ("query", "rest"),
    [
        ("?size=fullsize", ""),
        ("?x=%C3%A9+b&size=fullsize&empty=", "x=%C3%A9+b&empty="),
        ("?size=fullsize&c=abc%20d&x=1&x=2", "c=abc+d&x=1&x=2"),
    ],
)
def test_what_browsers_show_is_its_own_full_size(
    demo: httpx.Client, ext: str, query: str, rest: str
) -> None:
    answer = demo.get(f"{ASSETS}/{created(demo, name=f'a.{ext}')}/thumbnail{query}")
    location = f"original?{rest}"
    assert (answer.status_code, answer.headers["location"]) == (302, location)
    assert answer.text == f"Found. Redirecting to {location}"
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("ext", ["heic", "tiff", "svg", "jpe", "mp4"])
def test_the_full_size_of_anything_else_is_its_preview(
    demo: httpx.Client, sandbox_url: str, ext: str
) -> None:
    path = f"{ASSETS}/{created(demo, name=f'a.{ext}')}/thumbnail"
    answer = demo.get(f"{path}?c=1&size=fullsize&size2=%20x")
    assert answer.status_code == 302
    sandbox = httpx.URL(sandbox_url).path
    assert answer.headers["location"] == f"{sandbox}{path}?c=1&size=preview&size2=+x"


@pytest.mark.parametrize(("key", "kind"), [(BOATS, "JPEG"), (BALLOON, "JPEG")])
def test_a_link_can_follow_to_the_full_size(client: httpx.Client, key: str, kind: str) -> None:
    query = {"size": "fullsize", "key": WHOLE_KEY}
    answer = client.get(f"{ASSETS}/{key}/thumbnail", params=query, follow_redirects=True)
    assert (answer.status_code, opened(answer).format) == (200, kind)


def test_the_full_size_is_not_told_to_strangers(demo: httpx.Client) -> None:
    no_access(demo.get(f"{ASSETS}/{IDENTITY_CARD}/thumbnail?size=fullsize"), "view")


def test_a_description_does_not_touch_the_file(demo: httpx.Client, digits: str) -> None:
    key = digits.split("/")[3]
    update(demo, key, description="x")
    assert demo.get(digits).headers["etag"] == TAG
    assert info(demo, key)["exifInfo"]["fileSizeInByte"] == 30


def test_a_large_file_comes_back_whole(demo: httpx.Client) -> None:
    data = fresh() * 200_000
    path = f"{ASSETS}/{created(demo, data)}/original"
    assert demo.get(path).content == data
    assert demo.get(path, headers={"Range": "bytes=-5"}).content == data[-5:]
