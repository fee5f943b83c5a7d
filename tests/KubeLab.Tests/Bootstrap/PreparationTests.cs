using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Bootstrap.Mirrors;

namespace KubeLab.Tests.Bootstrap;

/// <summary>Which installations a prepared image is used for.</summary>
public sealed class PreparationTests : IDisposable
{
    private const string Packages = "package() { echo 1.37.1-1.1; }; command() { true; }; curl() { echo \"$*\" >&2; echo index; }; ";

    private readonly NodeBash _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("deb [signed-by=/k.asc] https://pkgs.example/deb/ /", "https://pkgs.example/deb/InRelease")]
    [InlineData("deb http://mirror.example/apt ./", "http://mirror.example/apt/./InRelease")]
    [InlineData("deb [arch=amd64 trusted=yes] http://mirror.example/apt stable main", "http://mirror.example/apt/dists/stable/InRelease")]
    public async Task The_index_of_the_repository_is_read(string line, string url)
    {
        var (_, output) = await _node.RunAsync("install", "curl() { printf '%s' \"${@: -1}\" >url; }; cd \"$DIR\"; index >/dev/null; cat url",
            ("APT", line), ("DIR", _node.At("")));
        Assert.Equal(url, output);
    }

    [Theory]
    [InlineData("recipe", "", "yes")]
    [InlineData("other", "", "no")]
    // The repository has other packages now, or does not respond.
    [InlineData("recipe", "curl() { echo another; };", "no")]
    [InlineData("recipe", "curl() { return 22; };", "no")]
    public async Task A_prepared_installation_is_used_if_nothing_has_changed(string recipe, string change, string expected)
    {
        _node.Put("/etc/kubelab/x", "");
        var (_, output) = await _node.RunAsync("install", $"{Packages} echo \"recipe $(index 2>/dev/null)\" >\"$PREPARED\"; RECIPE={recipe}; {change} "
            + "installed 2>/dev/null && echo yes || echo no", ("APT", "deb http://m ./"), ("EXACT", ""), ("VERSION", "1.37.1"));
        Assert.Equal(expected + "\n", output);
    }

    [Fact]
    public async Task An_installed_version_is_kept_without_a_record_of_a_preparation()
    {
        var (_, output) = await _node.RunAsync("install", Packages + "installed && echo yes", ("EXACT", ""), ("VERSION", "1.36"));
        Assert.Equal("yes\n", output);
    }

    [Theory]
    [InlineData("", "k8s.example/kube-proxy:v1.37.1 k8s.example/pause:3.10")]
    [InlineData("https://network.example/network.yaml",
        "k8s.example/kube-proxy:v1.37.1 k8s.example/pause:3.10 quay.example/calico/cni:v3 quay.example/calico/node@sha256:0a")]
    public async Task An_image_has_the_container_images_of_kubeadm_and_the_pod_network_that_can_be_kept_in_it(string manifest, string expected)
    {
        _node.Put("/manifest.yaml", """
            kind: DaemonSet
            spec:
              initContainers:
                - image: "quay.example/calico/cni:v3"
                - name: second
                  image: quay.example/calico/cni:v3
              containers:
                - name: node
                  image: quay.example/calico/node@sha256:0a # pinned
                - image: quay.example/gone:v1
                  imagePullPolicy: Always
                - image: 'quay.example/hides:v1'
            schema:
              image:
                type: string
            """);
        var (exit, output) = await _node.RunAsync("prepare", """
            kubeadm() {
              [[ $1 == version ]] && echo v1.37.1 && return
              [[ "$*" == 'config images list --kubernetes-version v1.37.1 --image-repository k8s.example' ]] || exit 9
              printf 'k8s.example/%s\n' kube-proxy:v1.37.1 pause:3.10
            }
            curl() { [[ ${*: -1} == "$MANIFEST" ]] && cat "$FILE"; }
            crictl() {
              [[ $1 == pull && $2 != */gone:v1 ]] || return 1
              mkdir -p "$ROOT/$SNAPSHOTTER/snapshots/${2##*/}" && echo "$2" >>"$FILE.images"
            }
            hiding_marks() { [[ $* != */hides:v1 ]] || echo 0:0; }
            remove_image() { sed -i "\|^$1\$|d" "$FILE.images"; }
            pull_images >/dev/null
            paste -sd' ' "$FILE.images"
            """, ("REPOSITORY", "k8s.example"), ("MANIFEST", manifest), ("FILE", _node.At("/manifest.yaml")));
        Assert.Equal((0, expected + "\n"), (exit, output));
    }

    [Fact]
    public async Task A_container_image_is_removed_under_all_of_its_names()
    {
        var (_, output) = await _node.RunAsync("prepare", """
            ctr() {
              case "$*" in
                '-n k8s.io images ls name==r/a:1') printf '%s\n' 'REF TYPE DIGEST SIZE' 'r/a:1 application/index sha256:0a 1.0' ;;
                '-n k8s.io images ls -q target.digest==sha256:0a') printf '%s\n' r/a:1 r/a@sha256:0a sha256:0c ;;
                *) echo "$*" ;;
              esac
            }
            remove_image r/a:1
            """);
        Assert.Equal("-n k8s.io images rm --sync r/a:1 r/a@sha256:0a sha256:0c\n", output);
    }

    [Fact]
    public async Task Machines_share_the_layers_of_container_images_and_have_databases_of_their_own()
    {
        const string root = "/var/lib/containerd/", layers = "io.containerd.snapshotter.v1.overlayfs/snapshots/",
            blobs = "io.containerd.content.v1.content/blobs/sha256/", shared = "/usr/lib/kubelab/containerd/";
        var databases = new[] { "io.containerd.metadata.v1.bolt/meta.db", "io.containerd.snapshotter.v1.overlayfs/metadata.db" };
        foreach (var file in (string[])[.. databases, layers + "1/fs/program", layers + "7/fs/config", blobs + "0a",
            "io.containerd.grpc.v1.introspection/uuid"])
            _node.Put(root + file, file);
        var result = await _node.RunAsync("prepare", "umount() { rm -r \"$1\" && mkdir \"$1\"; }; share_images; stat -c %a \"$SHARED\"");
        Assert.Equal((0, "700\n"), result);
        foreach (var file in databases)
            Assert.Equal((file, null), (_node.Read(root + file), new FileInfo(_node.At(root + file)).LinkTarget));
        Assert.Equal(_node.At(shared + "snapshots/1"), new FileInfo(_node.At(root + layers + "1")).LinkTarget);
        Assert.Equal(_node.At(shared + "sha256/0a"), new FileInfo(_node.At(root + blobs + "0a")).LinkTarget);
        Assert.Equal([layers + "1/fs/program", layers + "7/fs/config", blobs + "0a"],
            new[] { layers + "1/fs/program", layers + "7/fs/config", blobs + "0a" }.Select(file => _node.Read(root + file)));
        // What identifies this installation of containerd is not kept.
        Assert.False(_node.Has(root + "io.containerd.grpc.v1.introspection"));
    }

    [Theory]
    [InlineData(true, "", "-n k8s.io images rm r/a:1 sha256:0a\n")]
    [InlineData(true, "1", "")]
    [InlineData(false, "", "")]
    public async Task A_machine_on_which_other_packages_are_installed_does_not_keep_the_prepared_container_images(
        bool isPrepared, string prepare, string expected)
    {
        if (isPrepared)
            _node.Put("/etc/kubelab/prepared", "recipe");
        var (_, output) = await _node.RunAsync("install", """
            ctr() { if [[ $3$4 == imagesls ]]; then printf '%s\n' r/a:1 sha256:0a; else echo "$*"; fi; }
            remove_images
            """, ("PREPARE", prepare));
        Assert.Equal(expected, output);
    }

    [Fact]
    public void The_recipe_depends_on_version_mirror_packages_and_kind_of_machine_only()
    {
        var mirror = Mirror.Upstream("1.37.1");
        Machine Machine(string name, bool isContainer = true) => FakeCluster.Machine(name, 1) with { IsContainer = isContainer };
        string Recipe(Machine machine, Mirror mirror, string index = "0") => Kubeadm.PreparationOf(machine, mirror, new("1.37.1", index)).Recipe;
        var recipe = Recipe(Machine("lab-1"), mirror);
        Assert.Equal(recipe, Recipe(Machine("lab-2"), mirror));
        Assert.All([Recipe(Machine("lab-1", isContainer: false), mirror), Recipe(Machine("lab-1"), Mirror.Upstream("1.37.2")),
            Recipe(Machine("lab-1"), mirror, "1"), Recipe(Machine("lab-1"), mirror with { PodNetwork = "Flannel" }),
            Recipe(Machine("lab-1"), mirror with { Images = new("r", "https://r", null) }),
            Recipe(Machine("lab-1"), mirror with { PodNetwork = "https://network.example/network.yaml" })],
            other => Assert.NotEqual(recipe, other));
        Assert.Contains($"RECIPE='{recipe.Split(' ')[0]}'\n", Kubeadm.PreparationOf(Machine("lab-1"), mirror, new("1.37.1", "0")).Script,
            StringComparison.Ordinal);
    }
}
