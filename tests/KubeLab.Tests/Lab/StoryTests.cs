namespace KubeLab.Tests.Lab;

public sealed class StoryTests
{
    [Fact]
    public void A_chapter_alone_runs_what_it_needs_once_and_in_order()
    {
        Begin(nameof(Tale.The_end));
        Begin(nameof(Tale.A_theory));
        Begin(nameof(Tale.The_middle));

        Assert.Equal(["beginning", "middle"], Tale.Told);
    }

    [Fact]
    public void A_chapter_whose_need_fails_says_why() =>
        Assert.Equal("no luck", Assert.Throws<InvalidDataException>(() => Begin(nameof(Tale.After_all))).Message);

    private static void Begin(string chapter) => Story.Begin(typeof(Tale).GetMethod(chapter)!);

    [Needs(1, From = 2, To = 3), Needs(2, From = 3, To = 3), Needs(4, From = 5, To = 5)]
    private sealed class Tale
    {
        private readonly List<string> _told = Told;

        public static List<string> Told { get; } = [];

        [Chapter(1)]
        public void The_beginning() => _told.Add("beginning");

        [Chapter(2)]
        public async Task The_middle()
        {
            await Task.Yield();
            _told.Add("middle");
        }

        [Chapter(2)]
        public void A_theory(string argument) => _told.Add(argument);

        [Chapter(3)]
        public void The_end() => _told.Add("end");

        [Chapter(4)]
        public void A_mishap() => throw new InvalidDataException(_told is null ? "" : "no luck");

        [Chapter(5)]
        public void After_all() => _told.Add("after all");
    }
}
