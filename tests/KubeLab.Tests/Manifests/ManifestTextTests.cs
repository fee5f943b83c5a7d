using KubeLab.Engine.Manifests;

namespace KubeLab.Tests.Manifests;

public sealed class ManifestTextTests
{
    // The results of kubectl 1.20's "annotate --local -o json" for the same text.
    [Fact]
    public void Scalars_are_resolved_like_kubectl_does() => Assert.Equal(
        """{"x":[420,420,true,true,false,true,"yes",1000,31,5,1000,1,0.5,-16,5,8,"2001-01-01","1:30",null,"~",null,"""
        + """9007199254740993,1,0.1,false,"5",7,0.5,0,"1e400"],"true":{"1":"a","true":"b","420":"c"}}""",
        One("""
            x: [0644, 0o644, yes, y, n, on, "yes", 1_000, 0x1F, 0b101, 1e3, 1.0, .5, -0x10, +5, 08, 2001-01-01, 1:30, ~, '~', null,
              9007199254740993, 1., 0.1, NO, !!str 5, 0_7, +.5, -0, 1e400]
            y: {1: a, yes: b, 0644: c}
            """));

    [Fact]
    public void Aliases_and_merge_keys_are_copied_and_a_block_keeps_its_lines() => Assert.Equal(
        """{"base":{"a":1,"b":[1,2]},"more":{"a":1,"b":0},"again":[1,2],"text":"one\ntwo\n","empty":""}""",
        One("base: &base {a: 1, b: &list [1, 2]}\nmore:\n  <<: *base\n  b: 0\nagain: *list\ntext: |\n  one\n  two\nempty: ''\n"));

    [Fact]
    public void Lists_are_expanded_and_empty_documents_are_skipped()
    {
        var read = ManifestText.Read("f.yaml",
            "# nothing\n---\n---\nkind: List\nitems:\n- {kind: A}\n- {kind: BList, items: [{kind: B}]}\n---\nkind: C\n...\n");
        Assert.Equal(["A", "B", "C"], read.Select(one => (string?)one.Object["kind"]));
        Assert.Equal("f.yaml, line 9", read[2].Place);
    }

    [Fact]
    public void Json_may_contain_tabs_and_several_documents() =>
        Assert.Equal(["A", "B"], ManifestText.Read("f.json", "\uFEFF{\t\"kind\": \"A\"}\n{\t\"kind\": \"B\"}").Select(one => (string?)one.Object["kind"]));

    [Theory]
    [InlineData("kind: A\nspec:\n  a: [1, 2\n  b: 3\n", "f.yaml, line ")]
    [InlineData("kind: A\nspec:\n\tb: 3\n", "f.yaml, line 3, column ")]
    [InlineData("kind: A\n---\njust text\n", "f.yaml, line 3, column 1: ")]
    [InlineData("kind: A\nkind: B\n", "f.yaml, line 2, column 1: the key 'kind' is duplicated.")]
    [InlineData("{\"kind\": \"A\", \"a\": }}", "f.yaml, line 1, column ")]
    [InlineData("a: *nothing\n", "line 1, column 4: ")]
    [InlineData("a: .inf\n", "line 1, column 4: JSON does not support .inf")]
    public void Invalid_text_is_an_error_with_file_line_and_column(string text, string expected)
    {
        var error = Assert.Throws<KlException>(() => ManifestText.Read("f.yaml", text));
        Assert.Equal("ManifestInvalid", error.ErrorId);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Input_that_would_exhaust_the_memory_or_the_stack_is_an_error()
    {
        var bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
            + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        Assert.Throws<KlException>(() => ManifestText.Read("f", bomb));
        Assert.Throws<KlException>(() => ManifestText.Read("f", "a: " + new string('[', 5000)));
    }

    private static string One(string text) => Assert.Single(ManifestText.Read("f.yaml", text)).Object.ToJsonString();
}
