using Xunit.Abstractions;
using Xunit.Sdk;

namespace KubeLab.Tests.Lab;

/// <summary>The position of a test in a sequence of tests.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChapterAttribute(int number) : Attribute
{
    /// <summary>Tests with lower numbers run first.</summary>
    public int Number { get; } = number;
}

/// <summary>Runs the tests of a class in the order of <see cref="ChapterAttribute"/>: a cluster is created once, used, and removed.</summary>
public sealed class Ordered : ITestCaseOrderer
{
    /// <inheritdoc/>
    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases) where TTestCase : ITestCase =>
        testCases.OrderBy(test => test.TestMethod.Method.GetCustomAttributes(typeof(ChapterAttribute))
            .Select(chapter => chapter.GetNamedArgument<int>(nameof(ChapterAttribute.Number))).FirstOrDefault());
}
