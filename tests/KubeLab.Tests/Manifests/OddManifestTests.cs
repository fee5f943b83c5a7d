using System.Text.Json;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow.Web;
using KubeLab.Engine.Manifests;
using KubeLab.Tests.Images;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Manifests;

/// <summary>Unusual YAML and JSON with the results of kubectl 1.36's "annotate --local -f FILE x=y -o json": documents, or a rejection.</summary>
public sealed class OddManifestTests
{
    private static readonly Dictionary<string, JsonElement> Cases =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests/KubeLab.Tests/Kube/OddManifests.json")), new() { MaxDepth = 500 })
        .RootElement.EnumerateArray().ToDictionary(one => one.GetProperty("name").GetString()!);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_manifest_is_parsed_like_kubectl_does(string name)
    {
        var one = Cases[name];
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "odd.yaml");
        await (one.TryGetProperty("text", out var text) ? File.WriteAllTextAsync(file, text.GetString())
            : File.WriteAllBytesAsync(file, one.GetProperty("bytes").GetBytesFromBase64()));
        using var web = new WebText(new HttpClient(), TimeProvider.System);
        var source = Assert.Single(await new ManifestReader(web).ReadAsync(file, recurse: false, default));
        if (!one.TryGetProperty("documents", out var expected))
        {
            Assert.Equal("ManifestInvalid", Assert.Throws<KlException>(() => ManifestText.Read(source.Name, source.Text)).ErrorId);
            return;
        }
        var read = new JsonArray([.. ManifestText.Read(source.Name, source.Text).Select(document => document.Object)]).ToJsonString();
        Assert.True(IsSame(expected, JsonDocument.Parse(read, new() { MaxDepth = 500 }).RootElement), $"kubectl: {expected}\nhere:    {read}");
    }

    // Text that kubectl ignores without an error.
    [Theory]
    [InlineData("x: {a: 1, a: 2}", "the key 'a' is duplicated.")]
    [InlineData("x: {1: a, \"1\": b}", "the key '1' is duplicated.")]
    [InlineData("x: {yes: a, true: b}", "the key 'true' is duplicated.")]
    [InlineData("{\"x\": {\"a\": 1, \"a\": 2}}", "the key 'a' is duplicated.")]
    [InlineData("kind: A\n...\nkind: B\n", "line 3")]
    [InlineData("kind: A\n... kind: B\n", "line 2")]
    public void Text_that_kubectl_ignores_is_an_error(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<KlException>(() => ManifestText.Read("f.yaml", text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("kind: List\nitems: text\n", "the items of a List must be a list.")]
    [InlineData("kind: List\nitems: [5]\n", "an item of a List is not an object.")]
    [InlineData("kind: A\n--- {kind: B}\n", "line 2, column 4: a line that begins with --- separates documents")]
    [InlineData("kind: A\nx: a\u001bb\n", "line 2, column 5: the control character U+001B is not allowed.")]
    public void An_error_contains_its_position_and_reason(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<KlException>(() => ManifestText.Read("f.yaml", text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("x: ", "[", 200_000)]
    [InlineData("x:\n", "- ", 20_000)]
    [InlineData("x: ", "{a: ", 20_000)]
    [InlineData("{\"x\": ", "[", 20_000)]
    public void Excessive_nesting_is_an_error(string start, string part, int count) =>
        Assert.Throws<KlException>(() => ManifestText.Read("f", start + string.Concat(Enumerable.Repeat(part, count))));

    [Fact]
    public void Aliases_of_all_documents_share_a_limit()
    {
        var many = "x: &a [" + string.Join(',', Enumerable.Repeat("1", 1000)) + "]\ny: [" + string.Join(',', Enumerable.Repeat("*a", 300)) + "]\n";
        Assert.Single(ManifestText.Read("f", many));
        Assert.Contains("aliases expand to more than", Assert.Throws<KlException>(() =>
            ManifestText.Read("f", string.Join("---\n", Enumerable.Repeat(many, 5)))).Message, StringComparison.Ordinal);
    }

    private static bool IsSame(JsonElement one, JsonElement other) => one.ValueKind == other.ValueKind && one.ValueKind switch
    {
        JsonValueKind.Number => one.TryGetInt64(out var whole) && other.TryGetInt64(out var same) ? whole == same : one.GetDouble() == other.GetDouble(),
        JsonValueKind.Array => one.GetArrayLength() == other.GetArrayLength()
        && one.EnumerateArray().Zip(other.EnumerateArray()).All(pair => IsSame(pair.First, pair.Second)),
        JsonValueKind.Object => one.GetPropertyCount() == other.GetPropertyCount()
        && one.EnumerateObject().All(field => other.TryGetProperty(field.Name, out var same) && IsSame(field.Value, same)),
        _ => JsonElement.DeepEquals(one, other),
    };
}
