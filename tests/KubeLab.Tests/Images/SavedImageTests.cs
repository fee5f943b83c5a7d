using KubeLab.Engine.Images;

namespace KubeLab.Tests.Images;

// A layer's file has a name for a moment: no other test may look for it then.
[Collection("Spool")]
public sealed class SavedImageTests
{
    private readonly byte[] _small = SavedTar.Layer("small", 100);
    private readonly byte[] _large = SavedTar.Layer("large", 300_000);

    [Fact]
    public async Task The_layout_of_old_engines_is_read_links_and_all()
    {
        var config = SavedTar.Config(_small, _large, _small);
        using var image = await ReadAsync(SavedTar.Legacy(config, _small, _large, _small));
        Assert.Null(image.Problem);
        Assert.Equal(Digests.Of(config), image.Settings.Digest);
        Assert.Equal([Digests.Of(_small), Digests.Of(_large), Digests.Of(_small)], image.Layers.Select(layer => layer.Digest));
        Assert.All(image.Layers, layer => Assert.Equal("application/vnd.oci.image.layer.v1.tar", layer.MediaType));
        Assert.Equal(_large, await ContentAsync(image.Layers[1]));
        Assert.Equal(_small, await ContentAsync(image.Layers[2]));
    }

    [Fact]
    public async Task The_oci_layout_is_read_and_compressed_layers_stay_as_they_are()
    {
        var packed = SavedTar.Gzip(_large);
        using var image = await ReadAsync(SavedTar.Oci(SavedTar.Config(_small, _large), _small, packed));
        Assert.Null(image.Problem);
        Assert.Equal("application/vnd.oci.image.layer.v1.tar+gzip", image.Layers[1].MediaType);
        Assert.Equal(packed, await ContentAsync(image.Layers[1]));
    }

    [Fact]
    public async Task A_layer_that_the_registry_has_is_left_unread()
    {
        using var image = await ReadAsync(SavedTar.Oci(SavedTar.Config(_large, _small), _large, _small), Digests.Of(_large));
        Assert.False(image.Layers[0].HasContent);
        Assert.Equal(_large.Length, image.Layers[0].Size);
        Assert.True(image.Layers[1].HasContent);
    }

    [Fact]
    public async Task An_archive_that_was_cut_short_is_a_problem_and_no_crash()
    {
        var tar = SavedTar.Legacy(SavedTar.Config(_large), _large);
        using var image = await ReadAsync(tar[..200_000]);
        Assert.NotNull(image.Problem);
    }

    [Fact]
    public async Task A_damaged_blob_is_a_problem()
    {
        using var image = await ReadAsync(SavedTar.Tar(SavedTar.File("blobs/sha256/" + new string('0', 64), _small)));
        Assert.Contains("damaged", image.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_without_a_manifest_is_a_problem()
    {
        using var image = await ReadAsync(SavedTar.Tar(SavedTar.File("repositories", "{}"u8.ToArray())));
        Assert.Contains("manifest.json", image.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_an_image_has_a_name_on_disk()
    {
        using var image = await ReadAsync(SavedTar.Legacy(SavedTar.Config(_large), _large));
        Assert.Empty(SpoolFiles.Named);
        Assert.Equal(_large, await ContentAsync(image.Layers[0]));
    }

    private static async Task<SavedImage> ReadAsync(byte[] tar, string? there = null)
    {
        var image = new SavedImage();
        await image.ReadAsync(new MemoryStream(tar), digest => Task.FromResult(digest == there), _ => { }, CancellationToken.None);
        return image;
    }

    private static async Task<byte[]> ContentAsync(Blob blob)
    {
        var content = new byte[blob.Size];
        for (var offset = 0; offset < content.Length;)
            offset += await blob.ReadAsync(content.AsMemory(offset), offset, CancellationToken.None);
        return content;
    }
}
