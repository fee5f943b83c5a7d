using KubeLab.Engine.Images;

namespace KubeLab.Tests.Images;

// The file of a layer has a name for a moment, which would disturb tests that search for such files.
[Collection("Spool")]
public sealed class SavedImageTests
{
    private readonly byte[] _small = SavedTar.Layer("small", 100);
    private readonly byte[] _large = SavedTar.Layer("large", 300_000);

    [Fact]
    public async Task The_layout_of_old_engines_is_read_with_links()
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
    public async Task The_oci_layout_is_read_and_compressed_layers_are_not_changed()
    {
        var packed = SavedTar.Gzip(_large);
        using var image = await ReadAsync(SavedTar.Oci(SavedTar.Config(_small, _large), _small, packed));
        Assert.Null(image.Problem);
        Assert.Equal("application/vnd.oci.image.layer.v1.tar+gzip", image.Layers[1].MediaType);
        Assert.Equal(packed, await ContentAsync(image.Layers[1]));
    }

    [Fact]
    public async Task A_layer_in_the_registry_is_not_read()
    {
        using var image = await ReadAsync(SavedTar.Oci(SavedTar.Config(_large, _small), _large, _small), Digests.Of(_large));
        Assert.False(image.Layers[0].HasContent);
        Assert.Equal(_large.Length, image.Layers[0].Size);
        Assert.True(image.Layers[1].HasContent);
    }

    [Fact]
    public async Task An_incomplete_archive_is_a_problem()
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
    public async Task Temporary_files_of_an_image_have_no_name()
    {
        using var image = await ReadAsync(SavedTar.Legacy(SavedTar.Config(_large), _large));
        Assert.Empty(SpoolFiles.Named);
        Assert.Equal(_large, await ContentAsync(image.Layers[0]));
    }

    private static async Task<SavedImage> ReadAsync(byte[] tar, string? inRegistry = null)
    {
        var image = new SavedImage();
        await image.ReadAsync(new MemoryStream(tar), digest => Task.FromResult(digest == inRegistry), _ => { }, CancellationToken.None);
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
