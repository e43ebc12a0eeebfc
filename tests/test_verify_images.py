"""Reading images from archives made here: layers, whiteouts, links, compression, and archives that mean harm."""
from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import textwrap

import pytest
from hypothesis import given, strategies as st

from rewriter.verify.compare import compare
from rewriter.verify.efficiency import efficiency
from rewriter.verify.images import Image, read_image
from rewriter.verify.layers import Unreadable


def member(name: str, content: bytes | None = b"", **fields) -> tuple[tarfile.TarInfo, bytes | None]:
    info = tarfile.TarInfo(name)
    info.mode = 0o644
    for field, value in fields.items():
        setattr(info, field, value)
    if info.isreg():
        info.size = len(content)
    return info, content if info.isreg() else None


def folder(name: str, **fields):
    return member(name, type=tarfile.DIRTYPE, **{"mode": 0o755} | fields)


def symlink(name: str, target: str):
    return member(name, type=tarfile.SYMTYPE, linkname=target)


def link(name: str, target: str):
    return member(name, type=tarfile.LNKTYPE, linkname=target)


def tar(*members) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content) if content is not None else None)
    return buffer.getvalue()


def saved(*layers: bytes, config: dict | None = None, last_first: bool = False) -> bytes:
    """As `docker save` has it."""
    names = [f"blobs/sha256/{hashlib.sha256(layer).hexdigest()}" for layer in layers]
    manifest = [{"Config": "blobs/sha256/c0", "RepoTags": None, "Layers": names}]
    parts = [member(name, layer) for name, layer in dict(zip(names, layers)).items()]
    parts += [member("blobs/sha256/c0", json.dumps(config or {}).encode()), member("manifest.json", json.dumps(manifest).encode())]
    return tar(*(reversed(parts) if last_first else parts))


def oci(*layers: bytes, config: dict | None = None) -> bytes:
    """As an OCI layout has it, an attestation beside the image."""
    blobs: dict[str, bytes] = {}

    def put(blob: bytes, **more) -> dict:
        digest = hashlib.sha256(blob).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = blob
        return {"digest": f"sha256:{digest}", "size": len(blob)} | more

    inner = json.dumps({"config": put(json.dumps(config or {}).encode()), "layers": [put(layer) for layer in layers]})
    other = put(b"{}", platform={"os": "unknown", "architecture": "unknown"})
    nested = put(json.dumps({"manifests": [put(inner.encode(), platform={"os": "linux"}), other]}).encode())
    index = json.dumps({"manifests": [nested]}).encode()
    return tar(member("oci-layout", b"{}"), member("index.json", index), *(member(name, blob) for name, blob in blobs.items()))


def read(archive: bytes) -> Image:
    return read_image(io.BufferedReader(io.BytesIO(archive)))


def paths(*layers: bytes) -> list[str]:
    return sorted(read(saved(*layers)).files)[1:]


LOWER = tar(folder("d"), member("d/a", b"1"), member("d/b", b"2"), member("f", b"3"))


@pytest.mark.parametrize("upper, expected", [
    ([member("d/.wh.a")], ["/d", "/d/b", "/f"]),
    ([member(".wh.d")], ["/f"]),
    ([member(".wh.nothing"), member("no/.wh.such")], ["/d", "/d/a", "/d/b", "/f"]),
    ([folder("d"), member("d/.wh..wh..opq"), member("d/c")], ["/d", "/d/c", "/f"]),
    ([folder("d"), member("d/c"), member("d/.wh..wh..opq")], ["/d", "/d/c", "/f"]),
    ([member(".wh.f"), member("f", b"4")], ["/d", "/d/a", "/d/b", "/f"]),
    ([member("f", b"4"), member(".wh.f")], ["/d", "/d/a", "/d/b", "/f"]),
    ([member("d", b"now a file")], ["/d", "/f"]),
    ([folder("f"), member("f/x")], ["/d", "/d/a", "/d/b", "/f", "/f/x"]),
    ([member("./d/x"), member("/d/y")], ["/d", "/d/a", "/d/b", "/d/x", "/d/y", "/f"]),
    ([member("new/deep/x")], ["/d", "/d/a", "/d/b", "/f", "/new", "/new/deep", "/new/deep/x"]),
    ([member(".wh..wh.plnk"), member(".wh..wh.aufs")], ["/d", "/d/a", "/d/b", "/f"]),
])
def test_an_upper_layer_adds_and_takes_away(upper, expected):
    assert paths(LOWER, tar(*upper)) == expected


def test_a_folder_that_comes_again_keeps_what_is_in_it_and_takes_the_new_mode():
    image = read(saved(LOWER, tar(folder("d", mode=0o700, uid=7))))
    assert "/d/a" in image.files
    assert (image.files["/d"].mode, image.files["/d"].uid) == (0o700, 7)


def test_a_path_through_a_symlink_of_a_lower_layer_is_followed_within_the_image():
    lower = tar(folder("usr"), folder("usr/lib"), symlink("lib", "usr/lib"), symlink("abs", "/../../usr"))
    assert paths(lower, tar(member("lib/x"), member("abs/y"))) == ["/abs", "/lib", "/usr", "/usr/lib", "/usr/lib/x", "/usr/y"]


def test_a_folder_takes_the_place_of_a_symlink_and_leaves_what_that_led_to():
    lower = tar(folder("real"), member("real/a"), symlink("s", "real"))
    upper = tar(folder("s"), member("s/.wh..wh..opq"), member("s/b"))
    assert paths(lower, upper) == ["/real", "/real/a", "/s", "/s/b"]


def test_a_hard_link_is_the_file_itself_also_across_layers():
    files = read(saved(tar(member("a", b"1", uid=3)), tar(link("b", "a")))).files
    assert files["/a"] is files["/b"]


def test_a_file_written_again_is_no_longer_linked():
    before = read(saved(tar(member("a", b"1"), link("b", "a"))))
    after = read(saved(tar(member("a", b"1"), link("b", "a")), tar(member("a", b"1"))))
    assert [each.aspect for each in compare(before, after).differences] == ["hard link", "hard link"]


@pytest.mark.parametrize("pack", [
    lambda layer: layer,
    gzip.compress,
    lambda layer: gzip.compress(layer[:700]) + gzip.compress(layer[700:]),
    pytest.param(
        lambda layer: subprocess.run(["zstd", "-qc"], input=layer, capture_output=True, check=True).stdout,
        marks=pytest.mark.skipif(not shutil.which("zstd"), reason="no zstd program"),
    ),
])
@pytest.mark.parametrize("wrap", [saved, oci, lambda *layers: saved(*layers, last_first=True)])
def test_layers_are_read_however_packed_and_wrapped(pack, wrap):
    content = bytes(range(256)) * 999
    image = read(wrap(pack(LOWER), pack(tar(member("big", content)))))
    assert sorted(image.files) == ["/", "/big", "/d", "/d/a", "/d/b", "/f"]
    assert image.files["/big"].sha256 == hashlib.sha256(content).digest()
    assert image.layers[0].size == len(LOWER)


def test_zstd_without_its_program_is_said(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Unreadable, match="zstd"):
        read(saved(b"\x28\xb5\x2f\xfd" + bytes(600)))


def test_old_dockers_link_equal_layers_to_each_other():
    manifest = [{"Config": "c.json", "Layers": ["1/layer.tar", "2/layer.tar"]}]
    archive = tar(
        member("1/layer.tar", LOWER), symlink("2/layer.tar", "../1/layer.tar"), member("c.json", b"{}"),
        member("manifest.json", json.dumps(manifest).encode()), member("1/VERSION", b"1.0"),
    )
    assert len(read(archive).layers) == 2


def test_xattrs_devices_and_times_are_read():
    info, content = member("x", b"1", mtime=12.5)
    info.pax_headers = {"SCHILY.xattr.security.capability": b"\x01\x00\xff\n".decode("utf-8", "surrogateescape")}
    device = member("dev", type=tarfile.CHRTYPE, devmajor=1, devminor=3)
    files = read(saved(tar((info, content), device, member("p", type=tarfile.FIFOTYPE)))).files
    assert files["/x"].xattrs == (("security.capability", b"\x01\x00\xff\n"),)
    assert files["/dev"].device == (1, 3)
    assert files["/p"].kind == "fifo"


def test_names_that_are_no_text_are_kept_apart():
    names = [b"/\xff".decode("utf-8", "surrogateescape"), b"/\xfe".decode("utf-8", "surrogateescape")]
    assert sorted(read(saved(tar(*(member(name) for name in names)))).files) == ["/", *sorted(names)]


def test_sparse_files_have_the_content_of_whole_ones(tmp_path):
    with open(tmp_path / "s", "wb") as file:
        file.truncate(3_000_000)
        file.seek(2_000_000)
        file.write(b"data")
    words = ["tar", "-C", str(tmp_path), "--sparse", "-c", "s"]
    for form in ("gnu", "pax"):
        layer = subprocess.run([*words, f"--format={form}"], capture_output=True, check=True).stdout
        assert len(layer) < 200_000
        entry = read(saved(layer)).files["/s"]
        assert entry.sha256 == hashlib.sha256((tmp_path / "s").read_bytes()).digest()


def header(size: int, **fields) -> bytes:
    info, _ = member("x", **fields)
    info.size = size
    return info.tobuf(tarfile.GNU_FORMAT)


HOSTILE = {
    "a way out": tar(member("../../etc/passwd", b"x")),
    "a way out in the middle": tar(member("a/../../x", b"x")),
    "a link to what is not there": tar(link("a", "../../etc/passwd")),
    "a link to nothing": tar(link("a", "b")),
    "a loop": tar(symlink("a", "b"), symlink("b", "a"), member("a/x")),
    "a header that goes on for ever": header(type=tarfile.XHDTYPE, size=1 << 40),
    "a name that goes on for ever": header(type=tarfile.GNUTYPE_LONGNAME, size=1 << 33),
    "a file that goes on for ever": header(size=1 << 60),
    "a negative size": header(size=-1024),
    "an end too early": tar(member("a", bytes(9000)))[:5000],
    "an end within a header": tar(member("a", b"1"), member("b", b"1"))[:1300],
    "a broken header": tar(member("a", b"1"))[:1024] + b"ustar" * 200,
    "broken gzip": gzip.compress(LOWER)[:-20],
    "gzip of nothing": b"\x1f\x8b" + bytes(600),
    "zstd of nothing": b"\x28\xb5\x2f\xfd" + bytes(600),
    "a sparse file of an exabyte": tar((lambda info: (setattr(info, "pax_headers", {
        "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(1 << 60), "GNU.sparse.name": "x",
    }), (info, b"1\n0\n0\n".ljust(512, b"\0")))[1])(member("x", b"1\n0\n0\n".ljust(512, b"\0"))[0])),
}


@pytest.mark.parametrize("layer", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_layer_is_refused_and_harms_nothing(layer):
    with pytest.raises(Unreadable):
        read(saved(layer))


@pytest.mark.parametrize("archive", [
    b"", b"no archive", tar(), tar(member("manifest.json", b"[]")), tar(member("manifest.json", b"{")),
    tar(member("manifest.json", b"[" * 100_000)), tar(member("manifest.json", b'[{"Config": 3, "Layers": [1]}]')),
    tar(member("manifest.json", b'[{"Config": "c", "Layers": ["l"]}]'), member("c", b"{}")),
    tar(member("index.json", b'{"manifests": [{"digest": "sha256:1"}]}')), tar(member("index.json", b'{"manifests": []}')),
    tar(member("manifest.json", b'[{"Config": "c", "Layers": ["l"]}]'), member("c", b"{}"), symlink("l", "m"), symlink("m", "l")),
])
def test_what_is_no_image_is_refused(archive):
    with pytest.raises(Unreadable):
        read(archive)


@given(st.data())
def test_a_damaged_archive_is_read_or_refused(data):
    archive = bytearray(saved(gzip.compress(LOWER), LOWER, config={"config": {"Env": ["A=1"]}}))
    for _ in range(data.draw(st.integers(1, 4))):
        archive[data.draw(st.integers(0, len(archive) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(archive))
    except Unreadable:
        pass


def test_efficiency_is_as_dive_counts_it():
    image = read(saved(
        tar(folder("d"), member("d/a", bytes(100)), member("f", bytes(50)), member("once", bytes(10))),
        tar(member("f", bytes(30))),
        tar(member(".wh.f"), member(".wh.d")),
    ))
    # f: 50 + 30 + 0, waste as a whole; d/a: 100, once; the deletion of d: what was in it, once
    assert efficiency(image) == (80, (0 + 100 + 100 + 10) / (80 + 100 + 100 + 10))


def test_an_image_without_bytes_is_fully_efficient():
    assert efficiency(read(saved(tar(folder("d"))))) == (0, 1.0)


def test_an_archive_is_read_to_its_last_byte():
    """What writes to a pipe that is closed early fails, though it has said all that counts."""
    stream = io.BufferedReader(io.BytesIO(saved(LOWER) + bytes(100_000)))
    read_image(stream)
    assert stream.read() == b""


def test_memory_stays_flat_on_an_image_of_2_gigabytes():
    """Read from a stream that never exists as a whole, in a process of its own."""
    program = textwrap.dedent("""
        import io, json, re, tarfile
        from rewriter.verify.images import read_image

        def parts():
            def header(name, size):
                info = tarfile.TarInfo(name)
                info.size = size
                return info.tobuf(tarfile.GNU_FORMAT)

            def small(name, data):
                return header(name, len(data)) + data.ljust(-(-len(data) // 512) * 512, bytes(1))

            count, big = 100_000, 2_000_000_000 // 512 * 512
            yield header("l", 512 * count + 512 + big)
            for number in range(count):
                yield header(f"some/folder/of/many/files/file-{number}", 0)
            yield header("big", big)
            for _ in range(big // 51_200):
                yield bytes(51_200)
            yield bytes(big % 51_200)
            yield small("c", b"{}") + small("manifest.json", json.dumps([{"Config": "c", "Layers": ["l"]}]).encode())
            yield bytes(1024)

        class Stream(io.RawIOBase):
            left, source = b"", parts()
            def readable(self):
                return True
            def readinto(self, buffer):
                if not self.left:
                    self.left = next(self.source, b"")
                data, self.left = self.left[:len(buffer)], self.left[len(buffer):]
                buffer[:len(data)] = data
                return len(data)

        image = read_image(io.BufferedReader(Stream(), 1 << 20))
        assert len(image.files) == 100_007 and image.files["/big"].size > 1_999_999_000, len(image.files)
        print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 300_000  # KiB, the most that it ever had
