using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace KubeLab.Tests.Lab;

/// <summary>Where a test stands in a story told in several tests.</summary>
/// <remarks>Before it runs, the chapters that <see cref="NeedsAttribute"/> names run, unless this process has tried them: each chapter works alone,
/// and in the whole story nothing is done twice.</remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChapterAttribute(int number) : BeforeAfterTestAttribute
{
    /// <summary>Low ones run first.</summary>
    public int Number { get; } = number;

    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest) => Story.Begin(methodUnderTest);
}

/// <summary>What a chapter leaves behind, others need.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class NeedsAttribute(int needed) : Attribute
{
    /// <summary>The number of the chapter; its facts without arguments run.</summary>
    public int Needed { get; } = needed;

    /// <summary>The first chapter that needs it.</summary>
    public required int From { get; init; }

    /// <summary>The last one.</summary>
    public required int To { get; init; }
}

/// <summary>Runs a class's tests by <see cref="ChapterAttribute"/>: a cluster is built once, used, and taken away.</summary>
public sealed class Ordered : ITestCaseOrderer
{
    /// <inheritdoc/>
    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases) where TTestCase : ITestCase =>
        testCases.OrderBy(test => test.TestMethod.Method.GetCustomAttributes(typeof(ChapterAttribute))
            .Select(chapter => chapter.GetNamedArgument<int>(nameof(ChapterAttribute.Number))).FirstOrDefault());
}

/// <summary>Which chapters this process has tried.</summary>
internal static class Story
{
    private static readonly HashSet<(Type Class, string Name)> Tried = [];

    /// <summary>Runs what a chapter needs and was not tried.</summary>
    public static void Begin(MethodInfo chapter)
    {
        Tried.Add((chapter.ReflectedType!, chapter.Name));
        var number = Number(chapter);
        foreach (var needed in chapter.ReflectedType!.GetCustomAttributes<NeedsAttribute>().Where(one => number >= one.From && number <= one.To).Select(one => one.Needed).Order())
            foreach (var one in chapter.ReflectedType!.GetMethods().Where(method => Number(method) == needed && method.GetParameters().Length == 0))
                if (!Tried.Contains((one.ReflectedType!, one.Name)))
                    Run(one);
    }

    private static void Run(MethodInfo chapter)
    {
        Begin(chapter);
        var story = Activator.CreateInstance(chapter.ReflectedType!);
        Task.Run(() => chapter.Invoke(story, BindingFlags.DoNotWrapExceptions, null, null, null) as Task ?? Task.CompletedTask).GetAwaiter().GetResult();
    }

    private static int? Number(MethodInfo method) => method.GetCustomAttribute<ChapterAttribute>()?.Number;
}
